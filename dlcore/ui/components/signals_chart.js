// The signals of a run's layers, a chart for each kind; the feed brings what is new, as for its curves.
import { addCard, curveLayout, isDark, loadPlotly, theme, wholeTicks } from "./plotly.js";
import { RunCurves } from "./run_curves.js";
import { byKind, telling } from "./signals.js";

const STATE = Symbol.for("dlstudio.signals");
const HEIGHT = 260, MOST = 12;

class SignalsChart {
  constructor(element) {
    this.element = element;
    this.charts = new Map();
    this.curves = new RunCurves(this, () => `${this.data.run}:probe`, () => this.soon());
  }

  update(data) {
    if (this.data?.run !== data.run) this.curves.forget();
    this.data = data;
    if (this.P) this.draw();
    else loadPlotly(data.plotly).then((P) => { this.P = P; this.draw(); });
    this.curves.join();
  }

  soon() {
    this.waits ??= requestAnimationFrame(() => {
      this.waits = null;
      this.draw();
    });
  }

  draw() {
    if (!this.P) return;
    this.kinds = byKind(this.curves.series.values(), this.data.layers);
    this.element.querySelector(".dl-empty").textContent = this.kinds.size ? "" : this.data.texts.empty;
    for (const { kind } of this.data.kinds) {
      if (!this.kinds.has(kind)) continue;
      if (!this.charts.has(kind)) {
        const room = this.element.querySelector(".dl-grid");
        this.charts.set(kind, addCard(room, { name: kind, height: HEIGHT }, () => this.drawOne(kind)));
      }
      this.drawOne(kind);
    }
  }

  drawOne(kind) {
    const chart = this.charts.get(kind), width = chart?.plot.clientWidth;
    if (!width || !chart.isNear()) return; // drawn when it is seen
    const { title, log, share } = this.data.kinds.find((one) => one.kind === kind);
    const all = this.kinds.get(kind), parts = telling(all, MOST, log);
    const { css, grid } = theme(this.element), hues = this.data.hues[isDark(this.element) ? "dark" : "light"];
    const dashes = ["solid", "dash", "dot"];
    chart.title.textContent = all.length > parts.length ? `${title} (${parts.length} / ${all.length})` : title;
    const traces = parts.map((part, place) => ({
      type: "scatter", uid: part.layer, name: part.layer.replaceAll("<", "&lt;"), x: part.x, y: part.y,
      mode: part.x.length < 2 ? "markers" : "lines",
      line: { color: hues[place % hues.length], width: 1.8, dash: dashes[Math.floor(place / hues.length) % dashes.length] },
      marker: { color: hues[place % hues.length], size: 6 },
      hovertemplate: share ? "%{y:.1%}" : "%{y:.3g}",
    }));
    const last = Math.max(0, ...parts.map((part) => part.x.at(-1) ?? 0));
    const axis = { gridcolor: grid, linecolor: grid, zerolinecolor: grid, automargin: true, tickfont: { size: 12 } };
    const layout = {
      ...curveLayout({ css, grid }), width, height: HEIGHT, margin: { l: 8, r: 8, t: 8, b: 8 }, uirevision: this.data.run,
      showlegend: true, legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11 } },
      xaxis: { ...axis, ...wholeTicks(last), title: { text: this.data.texts.epoch, font: { size: 12 } } },
      yaxis: {
        ...axis, type: log ? "log" : "linear", nticks: log ? 3 : 5,
        tickformat: share ? "~%" : log ? ".2~g" : "", // else a scale of magnitudes shows digits alone: 9 8 7 6
        ...(share ? { range: [0, 1.02] } : {}),
      },
    };
    this.P.react(chart.plot, traces, layout, { displayModeBar: false });
  }

  close() {
    cancelAnimationFrame(this.waits);
    this.curves.leave();
    for (const chart of this.charts.values()) chart.remove(this.P);
    this.charts.clear();
  }
}

export default function (component) {
  const element = component.parentElement.querySelector(".dl-signals");
  element[STATE] ??= new SignalsChart(element);
  element[STATE].update(component.data);
  return () => {
    element[STATE]?.close();
    element[STATE] = null;
  };
}
