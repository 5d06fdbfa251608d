// Live curves of one run: the feed brings what is new since a cursor, Plotly.react draws it, so that
// zoom, legend and the DOM node stay as they are while the curve grows.
import { Curves, RANGES, smooth } from "./curves.js";
import { feed } from "./feed.js";
import { addCard, loadPlotly, theme, wholeTicks } from "./plotly.js";
import { Windows } from "./windows.js";

const STATE = Symbol.for("dlstudio.live");
const SCOPES = ["train", "validation", "test", "system"];

class LiveChart {
  constructor(element) {
    this.element = element;
    this.charts = new Map();
    this.curves = new Curves();
    this.windows = new Windows();
  }

  update(data) {
    const moved = !this.data || this.data.run !== data.run || this.data.axis !== data.axis;
    this.data = data;
    if (moved) {
      this.curves.forget();
      this.windows.forget();
    }
    if (this.P) this.draw();
    else loadPlotly(data.plotly).then((P) => { this.P = P; this.draw(); });
    [this.every, this.language] = [data.interval, data.language];
    this.ended = false;
    feed.join(this);
  }

  ask() {
    return this.ended ? null : `curves:${this.data.run}:${this.data.axis}:${this.curves.cursor}`;
  }

  take(answer) {
    if (answer.gone) {
      this.ended = true;
      return;
    }
    if (answer.whole) this.windows.forget();
    const changed = this.curves.take(answer);
    this.ended = this.curves.isWhole(answer);
    if (changed) this.draw();
    else if (!this.curves.cursor) feed.soon();
  }

  names() {
    // When the epochs ended is no curve of theirs: charts of several runs are drawn by it.
    const parts = [...this.curves.series.values()].filter(({ scope }) => scope !== "system" || this.data.axis === "time");
    const found = [...new Set(parts.map((part) => part.name))];
    const order = this.data.order;
    const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
    return found.filter((n) => !this.data.only || this.data.only.includes(n))
      .sort((a, b) => place(a) - place(b) || a.localeCompare(b));
  }

  draw() {
    if (!this.P) return;
    const names = this.names();
    this.element.querySelector(".dl-empty").style.display = names.length ? "none" : "";
    this.element.querySelector(".dl-empty").textContent = this.data.texts.empty;
    for (const [name, chart] of this.charts) {
      if (!names.includes(name)) this.remove(name, chart);
    }
    // All cards first: one that is still alone in the grid has the room of two.
    for (const name of names) this.chart(name);
    for (const name of names) this.drawOne(name);
  }

  chart(name) {
    if (this.charts.has(name)) return this.charts.get(name);
    const chart = addCard(this.element.querySelector(".dl-grid"), { name, height: this.data.height }, () => this.drawOne(name));
    this.charts.set(name, chart);
    return chart;
  }

  remove(name, chart) {
    chart.remove(this.P);
    this.charts.delete(name);
  }

  drawOne(name) {
    const chart = this.chart(name);
    const { data } = this;
    const width = chart.plot.clientWidth;
    if (!width || !chart.isNear()) return; // drawn when it is seen
    chart.title.textContent = data.labels[name] || name;
    const { css, palette, grid } = theme(this.element);
    const traces = SCOPES.flatMap((scope) => {
      const part = this.windows.of(data.run, { name, scope }) ?? this.curves.series.get(`${name}|${scope}`);
      return part ? this.traces(chart, part, palette) : [];
    });
    const ticks = data.axis === "time" ? {} : wholeTicks(Math.max(0, ...traces.map((trace) => trace.x.at(-1) ?? 0)));
    const log = data.log && !data.shares.includes(name);
    const axis = { gridcolor: grid, gridwidth: 0.5, zeroline: false, automargin: true, linecolor: grid, tickfont: { size: 12 } };
    const layout = {
      width, height: data.height, margin: { l: 46, r: 12, t: 6, b: 40 }, uirevision: `${data.run}|${data.axis}`,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "x unified",
      font: { color: css("--st-text-color"), family: css("--st-font"), size: 13 },
      hoverlabel: { bgcolor: css("--st-secondary-background-color"), bordercolor: grid, font: { color: css("--st-text-color") } },
      xaxis: { ...axis, ...ticks, title: { text: data.texts[data.axis], standoff: 6, font: { size: 12 } }, rangemode: "tozero" },
      yaxis: {
        ...axis, exponentformat: "power", type: log ? "log" : "linear", uirevision: `${data.run}|${data.axis}|${log}`,
        tickformat: name === "learning_rate" && !log ? "~g" : "",
        // A constant curve would be drawn on an axis from -1 to 1.
        rangemode: name === "loss" || data.shares.includes(name) ? "normal" : "tozero",
      },
      showlegend: traces.filter((trace) => trace.showlegend !== false).length > 1, legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: grid, activecolor: css("--st-primary-color") },
    };
    // The bar of buttons would lie over the legend of a chart as narrow as a phone.
    const config = {
      displaylogo: false, displayModeBar: width < 420 ? false : "hover",
      modeBarButtonsToRemove: ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
    };
    this.P.react(chart.plot, traces, layout, config);
    if (!chart.bound) {
      chart.bound = true;
      chart.plot.on("plotly_relayout", (change) => this.zoomed(name, change));
    }
  }

  // A curve, and behind it, where it is a mean, what it is the mean of.
  traces(chart, part, palette) {
    const { data } = this, { name, scope } = part;
    // Among the points of batches those of whole epochs are few: each is marked, and none is a mean of others.
    const rare = data.axis === "batch" && scope !== "train";
    const weight = rare || name === "learning_rate" ? 0 : data.smoothing;
    const color = palette[SCOPES.indexOf(scope) % palette.length];
    const mode = rare || part.x.length < 40 ? "lines+markers" : "lines";
    const line = { type: "scatter", line: { color, width: 2 }, legendgroup: scope, name: data.labels[scope] || scope };
    // Plotly finds a trace that was hidden again by its uid.
    const visible = (chart.plot.data || []).find((trace) => trace.uid === scope)?.visible ?? true;
    const points = { ...line, uid: `${scope}-raw`, visible, mode: "lines", x: part.x, y: part.y, opacity: 0.3, showlegend: false, hoverinfo: "skip" };
    const curve = part.means ?? part;
    const main = {
      ...line, uid: scope, mode, marker: { size: rare ? 7 : 5 }, x: curve.x, y: smooth(curve, weight), hovertemplate: "%{y:.5g}<extra>%{fullData.name}</extra>",
    };
    return part.means || (weight && part.x.length > 2) ? [points, main] : [main];
  }

  // A thinned curve shows only extremes; a zoom fetches what lies between them.
  async zoomed(name, change) {
    const { run, axis } = this.data;
    const thinned = [...this.curves.series.values()].some((part) => part.name === name && part.means);
    if (await this.windows.follow(change, { name, axis, ids: thinned ? [run] : [], buckets: RANGES })) this.drawOne(name);
  }

  close() {
    feed.leave(this);
    for (const [name, chart] of this.charts) this.remove(name, chart);
  }
}

export default function (component) {
  const element = component.parentElement.querySelector(".dl-live");
  element[STATE] ??= new LiveChart(element);
  element[STATE].update(component.data);
  return () => {
    element[STATE]?.close();
    element[STATE] = null;
  };
}
