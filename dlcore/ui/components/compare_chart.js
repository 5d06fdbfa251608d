// The curves of several runs: a chart a metric, a hue a run. The feed brings what is new; the charts point at the
// same place together. Runs of one group, such as seeds of one setting, can be drawn as one mean with a band.
import { band, faint } from "./bands.js";
import { Curves, smooth } from "./curves.js";
import { feed } from "./feed.js";
import { clipped, spread } from "./labels.js";
import { addCard, loadPlotly, theme, wholeTicks } from "./plotly.js";

const STATE = Symbol.for("dlstudio.compare");
const NARROW = 430; // px: no room for names beside the lines
const LABEL = 22; // letters of a name there
const LINE = 15; // px of a line of text

// What one of the runs has come to; it asks for itself.
class Source {
  constructor(chart, run) {
    [this.chart, this.run, this.curves] = [chart, run, new Curves()];
    this.answered = this.ended = false;
  }

  get every() { return this.chart.data.interval; }
  get language() { return this.chart.data.language; }

  ask() {
    return this.ended ? null : `curves:${this.run.id}:${this.chart.axis}:${this.curves.cursor}`;
  }

  take(answer) {
    this.ended = answer.gone || (!answer.live && answer.cursor === this.curves.cursor);
    const first = !this.answered;
    this.answered = true;
    if ((!answer.gone && this.curves.take(answer)) || first) this.chart.soon();
    else if (!answer.gone && !this.curves.cursor) feed.soon();
  }
}

class CompareChart {
  constructor(element) {
    this.element = element;
    this.sources = new Map();
    this.charts = new Map();
  }

  // Over time the epochs are taken as equally long.
  get axis() { return this.data.axis === "time" ? "epoch" : this.data.axis; }

  update(data) {
    const moved = this.data && this.data.axis !== data.axis;
    this.data = data;
    if (moved) this.leave();
    const ids = data.runs.map((run) => run.id);
    for (const [id, source] of this.sources) {
      if (ids.includes(id)) continue;
      feed.leave(source);
      this.sources.delete(id);
    }
    for (const run of data.runs) {
      const known = this.sources.get(run.id);
      if (known) {
        known.run = run;
        known.ended = false;
      } else {
        const source = new Source(this, run);
        this.sources.set(run.id, source);
        feed.join(source);
      }
    }
    loadPlotly(data.plotly).then((P) => { this.P = P; this.draw(); });
  }

  leave() {
    for (const source of this.sources.values()) feed.leave(source);
    this.sources.clear();
  }

  // The answers of many runs come together: they are drawn once.
  soon() {
    this.waits ??= requestAnimationFrame(() => {
      this.waits = null;
      this.draw();
    });
  }

  draw() {
    if (!this.P) return;
    const names = this.data.metrics.filter((name) => this.parts(name).length);
    const empty = this.element.querySelector(".dl-empty");
    const known = [...this.sources.values()].every((source) => source.answered);
    empty.textContent = names.length || !known ? "" : this.data.texts.empty;
    for (const [name, chart] of this.charts) if (!names.includes(name)) this.remove(name, chart);
    for (const name of names) this.chart(name);
    for (const name of names) this.drawOne(name);
  }

  // Of each run its curve of a metric on the chosen part, else on the training part: with its hue.
  parts(name) {
    return this.data.runs.flatMap((run) => {
      const series = this.sources.get(run.id)?.curves.series;
      const main = series?.get(`${name}|validation`) ?? series?.get(`${name}|train`);
      if (!main || (this.data.axis === "time" && !run.pace)) return [];
      const train = main.scope === "validation" && this.data.training ? series.get(`${name}|train`) : null;
      return [{ run, main, train }];
    });
  }

  chart(name) {
    if (this.charts.has(name)) return this.charts.get(name);
    const legend = document.createElement("div");
    legend.className = "dl-names";
    const grid = this.element.querySelector(".dl-grid");
    const chart = { ...addCard(grid, name, () => this.drawOne(name), legend), legend };
    this.charts.set(name, chart);
    return chart;
  }

  remove(name, chart) {
    chart.remove(this.P);
    this.charts.delete(name);
  }

  drawOne(name) {
    const chart = this.chart(name), { data } = this, width = chart.plot.clientWidth;
    if (!width) return; // hidden: drawn when it is seen
    const { css, grid } = theme(this.element), muted = css("--st-gray-text-color") || css("--st-text-color");
    const parts = this.parts(name), narrow = width < NARROW;
    const hue = (run) => this.hue(run);
    const lines = data.together ? this.grouped(parts) : parts;
    chart.title.replaceChildren(data.labels[name] || name, " ", this.span(this.subtitle(lines), "dl-quiet"));
    chart.legend.replaceChildren(...(narrow ? lines.map(({ run }) => this.chip(run)) : []));
    const traces = lines.flatMap((part) => this.traces(part, name, hue(part.run)));
    const last = Math.max(0, ...traces.map((trace) => trace.x.at(-1) ?? 0));
    const log = data.log && !data.shares.includes(name), share = data.shares.includes(name);
    const letters = Math.max(0, ...lines.map(({ run }) => Math.min(LABEL, run.name.length)));
    const axis = { zeroline: false, automargin: true, tickfont: { size: 12, color: muted } };
    const layout = {
      width, height: data.height, margin: { l: 46, r: narrow ? 12 : 16 + 7 * letters, t: 8, b: 36 },
      uirevision: `${data.axis}`, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      hovermode: "x unified", hoverdistance: -1, showlegend: false,
      font: { color: css("--st-text-color"), family: css("--st-font"), size: 13 },
      hoverlabel: { bgcolor: css("--st-secondary-background-color"), bordercolor: grid, font: { color: css("--st-text-color") } },
      xaxis: {
        ...axis, ...(data.axis === "time" ? {} : wholeTicks(last)), showgrid: false, linecolor: grid, rangemode: "tozero",
        title: { text: data.texts[data.axis], standoff: 6, font: { size: 12, color: muted } },
      },
      yaxis: {
        ...axis, gridcolor: grid, gridwidth: 1, type: log ? "log" : "linear", uirevision: `${data.axis}|${log}`,
        tickformat: share ? ".0%" : "", exponentformat: "power",
      },
    };
    // The bar of buttons would lie over the names; a double click shows all again.
    this.P.react(chart.plot, traces, layout, { displayModeBar: false }).then(() => this.label(name));
    this.bind(name, chart);
  }

  subtitle(lines) {
    const { texts } = this.data;
    const said = [...new Set(lines.map(({ main }) => main.scope))].map((scope) => texts[scope]);
    if (lines.some(({ train }) => train)) said.push(texts.dotted);
    if (lines.some(({ main }) => main.low)) said.push(texts.band);
    return said.join(" · ");
  }

  hue(run) {
    const dark = getComputedStyle(this.element).colorScheme.includes("dark") || this.data.dark;
    const hues = this.data.hues[dark ? "dark" : "light"];
    return { color: hues[run.place % hues.length], dash: this.data.dashes[Math.floor(run.place / hues.length) % this.data.dashes.length] };
  }

  // Of the runs of a group one line: their mean, and what lies between them.
  grouped(parts) {
    const groups = Map.groupBy(parts, ({ run }) => run.group);
    return [...groups.values()].map((members) => {
      if (members.length === 1) return members[0];
      const [{ run }] = members, scale = (part) => (this.data.axis === "time" ? part.run.pace : 1);
      const mean = (of) => band(members.filter((part) => part[of]).map((part) => {
        const curve = part[of].means ?? part[of];
        return { x: curve.x.map((x) => x * scale(part)), y: curve.y };
      }));
      // Without what tells runs of one name apart, and short enough that the number of seeds has room, too.
      const own = clipped(run.name.replace(` (${run.id})`, ""), LABEL - 10);
      const name = this.data.texts.seeds.replace("{name}", own).replace("{n}", members.length);
      const train = members.some((part) => part.train) ? mean("train") : null;
      return { run: { ...run, name, pace: 1 }, main: { ...mean("main"), scope: members[0].main.scope }, train };
    });
  }

  traces({ run, main, train }, name, { color, dash }) {
    const scale = this.data.axis === "time" ? run.pace : 1;
    const share = this.data.shares.includes(name);
    const line = (part, id, style, opacity) => {
      const curve = part.means ?? part;
      // Plotly makes a class of it: letters, digits and dashes.
      return {
        type: "scatter", uid: `${run.id}-${id}`, name: clipped(run.name, 40), mode: curve.x.length < 2 ? "markers" : "lines",
        x: curve.x.map((x) => x * scale), y: smooth(curve, this.data.smoothing), line: { color, ...style }, marker: { color }, opacity,
        hovertemplate: share ? "%{y:.2%}<extra>%{fullData.name}</extra>" : "%{y:.5g}<extra>%{fullData.name}</extra>",
      };
    };
    const found = [line(main, "main", { width: 2.4, dash }, 1)];
    if (main.low) found.unshift(...this.edges(run, main, color));
    if (train) found.unshift({ ...line(train, "train", { width: 1.4, dash: "dot" }, 0.55), hoverinfo: "skip", hovertemplate: null });
    return found;
  }

  edges(run, { x, low, high }, color) {
    const edge = { type: "scatter", mode: "lines", x, line: { width: 0 }, hoverinfo: "skip" };
    return [
      { ...edge, uid: `${run.id}-low`, y: low },
      { ...edge, uid: `${run.id}-high`, y: high, fill: "tonexty", fillcolor: faint(color, 0.18) },
    ];
  }

  // The names at the ends of the lines, where the lines are in sight.
  label(name) {
    const chart = this.charts.get(name), area = chart?.plot.querySelector(".nsewdrag");
    if (!area || chart.plot.clientWidth < NARROW) return;
    const traces = chart.plot.data.filter((trace) => trace.uid.endsWith("-main"));
    const { range: [low, high], type } = chart.plot.layout.yaxis, tall = area.getBBox().height;
    const wishes = traces.map((trace) => {
      const value = trace.y.findLast(Number.isFinite) ?? 0;
      const place = ((type === "log" ? Math.log10(value) : value) - low) / (high - low);
      return tall * (1 - Math.min(1, Math.max(0, place)));
    });
    const places = spread(wishes, LINE, tall);
    const annotations = traces.map((trace, i) => ({
      xref: "paper", x: 1, xanchor: "left", xshift: 8, yref: "paper", y: 1 - places[i] / tall, yanchor: "middle", showarrow: false,
      text: escaped(clipped(trace.name, LABEL)), font: { color: trace.line.color, size: 12 },
    }));
    if (JSON.stringify(annotations) === chart.labels) return;
    chart.labels = JSON.stringify(annotations);
    this.P.relayout(chart.plot, { annotations });
  }

  bind(name, chart) {
    if (chart.bound) return;
    chart.bound = true;
    chart.plot.on("plotly_relayout", (change) => {
      if (!("annotations" in change)) this.label(name);
    });
    chart.plot.on("plotly_hover", (event) => {
      // Only what the mouse does is passed on, or two charts would answer each other.
      if (event.event?.isTrusted) this.others(name, (plot) => this.P.Fx.hover(plot, { xval: event.xvals?.[0] }, "xy"));
    });
    chart.plot.on("plotly_unhover", () => this.others(name, (plot) => this.P.Fx.unhover(plot)));
  }

  others(name, act) {
    if (this.pointing) return;
    this.pointing = true;
    for (const [other, { plot }] of this.charts) if (other !== name && plot.clientWidth) act(plot);
    this.pointing = false;
  }

  span(text, style) {
    const found = document.createElement("span");
    found.className = style;
    found.textContent = text;
    return found;
  }

  chip(run) {
    const found = this.span(clipped(run.name, 40), "dl-name");
    found.style.setProperty("--hue", this.hue(run).color);
    return found;
  }

  close() {
    cancelAnimationFrame(this.waits);
    this.leave();
    for (const [name, chart] of this.charts) this.remove(name, chart);
  }
}

// Plotly takes tags in texts.
const escaped = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

export default function (component) {
  const element = component.parentElement.querySelector(".dl-compare");
  element[STATE] ??= new CompareChart(element);
  element[STATE].update(component.data);
  return () => {
    element[STATE]?.close();
    element[STATE] = null;
  };
}
