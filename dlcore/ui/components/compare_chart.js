// The curves of several runs: a chart a metric, a hue a line. The feed brings what is new; the charts point at the
// same place together. A line is a run or a group of runs, such as seeds of one setting: their mean with a band.
import { band, faint } from "./bands.js";
import { fineness, smooth } from "./curves.js";
import { difference, over, timeUnit } from "./interpolation.js";
import { clipped, spread } from "./labels.js";
import { addCard, curveLayout, isDark, loadPlotly, span, theme, wholeTicks } from "./plotly.js";
import { RunCurves } from "./run_curves.js";
import { Windows } from "./windows.js";

const STATE = Symbol.for("dlstudio.compare");
const NARROW = 430; // px: no room for names beside the lines
const LABEL = 22; // letters of a name there
const LINE = 15; // px of a line of text

const CLOCKS = { time: ["seconds"], clock: ["clock"] }; // by which curves epochs are placed over these axes

class CompareChart {
  constructor(element) {
    this.element = element;
    this.sources = new Map();
    this.charts = new Map();
    this.drawn = new Map();
    this.windows = new Windows();
  }

  // As finely is each curve asked for, and which curves are.
  get buckets() { return fineness(this.data.runs.length * this.data.metrics.length); }
  get names() { return [...this.data.metrics, ...(CLOCKS[this.data.axis] ?? [])]; }

  // Over time, what was measured at the end of each epoch is placed by when that was.
  get axis() { return this.data.axis === "batch" ? "batch" : "epoch"; }

  update(data) {
    const asked = () => [this.axis, this.buckets, ...this.names].join();
    const before = this.data && asked();
    this.data = data;
    this.drawn.clear();
    if (before && before !== asked()) this.leave();
    const ids = data.runs.map((run) => run.id);
    for (const [id, source] of this.sources) {
      if (ids.includes(id)) continue;
      source.leave();
      this.sources.delete(id);
    }
    const subject = (id) => () => [id, this.axis, this.buckets, ...this.names].join(":");
    for (const { id } of data.runs) {
      if (!this.sources.has(id)) this.sources.set(id, new RunCurves(this, subject(id), () => this.soon(), this.buckets));
      this.sources.get(id).join();
    }
    loadPlotly(data.plotly).then((P) => { this.P = P; this.draw(); });
  }

  leave() {
    for (const source of this.sources.values()) source.leave();
    this.sources.clear();
    this.windows.forget();
  }

  // The answers of many runs come together: they are drawn once.
  soon() {
    this.drawn.clear();
    this.waits ??= requestAnimationFrame(() => {
      this.waits = null;
      this.draw();
    });
  }

  draw() {
    if (!this.P) return;
    const names = this.data.metrics.filter((name) => this.lines(name).length);
    this.element.querySelector(".dl-empty").textContent = this.remark(names);
    for (const [name, chart] of this.charts) if (!names.includes(name)) this.remove(name, chart);
    for (const name of names) this.chart(name);
    for (const name of names) this.drawOne(name);
  }

  // What is said below the charts: that there is none, or which runs are missing there.
  remark(names) {
    const { texts, metrics, runs } = this.data, series = ({ id }) => this.sources.get(id).series;
    if (![...this.sources.values()].every((source) => source.answered)) return "";
    const drawn = runs.filter((run) => metrics.some((name) => mainCurve(series(run), name)));
    const untimed = drawn.filter((run) => !metrics.some((name) => this.part(run, name))).length;
    if (untimed) return texts.untimed.replace("{n}", untimed);
    return names.length ? "" : texts.empty;
  }

  // The curves of a run: a metric on the validation part, else on the training part; and on that beside it, if asked.
  part(run, name) {
    const series = this.sources.get(run.id)?.series, whole = mainCurve(series, name);
    const found = whole && (this.windows.of(run.id, whole) ?? whole);
    const main = found && this.placed(found, run, series);
    if (!main) return null;
    const train = this.data.training && found.scope === "validation" ? series.get(`${name}|train`) : null;
    return { id: run.id, main, train: train && this.placed(train, run, series) };
  }

  // A curve over the chosen axis, with its means if it was thinned; null where the times of the epochs are not known.
  placed({ x, y, means, scope }, { pace }, series) {
    const curve = means ? { ...means, points: { x, y }, scope } : { x, y, scope };
    if (this.data.axis === "clock") {
      const clock = series.get("clock|system");
      return clock ? ofDay(over(curve, clock)) : null;
    }
    if (this.data.axis !== "time") return curve;
    const seconds = series.get("seconds|system");
    if (seconds) return over(curve, seconds);
    // Runs of an older version: their epochs are taken as equally long.
    return pace ? { ...curve, x: x.map((at) => at * pace) } : null;
  }

  // What is drawn in the chart of a metric, each with its line: name and hue. Made once until something else is known.
  lines(name) {
    if (!this.drawn.has(name)) this.drawn.set(name, this.madeLines(name));
    return this.drawn.get(name);
  }

  madeLines(name) {
    const parts = new Map(this.data.runs.map((run) => [run.id, this.part(run, name)]));
    const found = this.data.lines.flatMap((line) => {
      const members = line.ids.map((id) => parts.get(id)).filter(Boolean);
      // By the time of day there is nothing to average: such runs rarely train at once.
      return this.data.axis === "clock" ? members.map((one) => ({ ...one, line })) : together(line, members);
    });
    const { baseline } = this.data;
    if (baseline === null || this.data.axis === "clock") return found;
    const base = found.find(({ line }) => line.place === baseline);
    if (!base) return [];
    // Shares differ by percentage points.
    const times = this.data.shares.includes(name) ? 100 : 1;
    return found.map(({ train, main, ...rest }) => ({
      ...rest, main: difference(main, base.main, times), train: train && base.train ? difference(train, base.train, times) : null,
    }));
  }

  chart(name) {
    if (this.charts.has(name)) return this.charts.get(name);
    const legend = span("div", "dl-names", "");
    const grid = this.element.querySelector(".dl-grid");
    const chart = { ...addCard(grid, { name, height: this.data.height }, () => this.drawOne(name), legend), legend, names: [] };
    this.charts.set(name, chart);
    return chart;
  }

  remove(name, chart) {
    chart.remove(this.P);
    this.charts.delete(name);
  }

  drawOne(name) {
    const chart = this.chart(name), { data } = this, width = chart.plot.clientWidth;
    if (!width || !chart.isNear()) return; // drawn when it is seen
    const { css, grid } = theme(this.element), muted = css("--st-gray-text-color") || css("--st-text-color");
    const lines = this.lines(name), narrow = width < NARROW, minus = data.baseline !== null && data.axis !== "clock";
    if (!lines.length) return;
    chart.title.replaceChildren(data.labels[name] || name, " ", span("span", "dl-quiet", this.subtitle(lines, minus)));
    chart.legend.replaceChildren(...(narrow ? [...new Set(lines.map(({ line }) => line))].map((line) => this.chip(line)) : []));
    const last = Math.max(0, ...lines.map(({ main }) => main.x.at(-1) ?? 0));
    const [unit, size] = data.axis === "time" ? timeUnit(last) : [data.axis, 1];
    const share = data.shares.includes(name), log = data.log && !share && !minus;
    const points = share && minus, suffix = points ? data.texts.points.replace("{difference}", "") : "";
    const format = points ? "+~g" : share ? ".2~%" : "", hover = points ? "+.1f" : share ? ".2%" : `${minus ? "+" : ""}.5g`;
    const traces = lines.flatMap((one) => this.traces(one, size, `%{y:${hover}}${suffix}`));
    const letters = Math.max(0, ...lines.map(({ line }) => Math.min(LABEL, line.name.length)));
    const axis = { zeroline: false, automargin: true, tickfont: { size: 12, color: muted } };
    const layout = {
      width, height: data.height, margin: { l: 46, r: narrow ? 12 : 16 + 7 * letters, t: 8, b: 36 },
      uirevision: unit, ...curveLayout({ css, grid }), annotations: narrow ? [] : chart.names,
      xaxis: {
        ...axis, ...(["epoch", "batch"].includes(unit) ? wholeTicks(last) : {}), showgrid: false, linecolor: grid,
        type: unit === "clock" ? "date" : "linear", rangemode: "tozero",
        title: { text: data.texts[unit], standoff: 6, font: { size: 12, color: muted } },
      },
      yaxis: {
        ...axis, gridcolor: grid, gridwidth: 1, type: log ? "log" : "linear", uirevision: `${unit}|${log}|${minus}`,
        tickformat: format, exponentformat: "power", ticksuffix: suffix, showticksuffix: "last",
      },
    };
    // The bar of buttons would lie over the names; a double click shows all again.
    this.P.react(chart.plot, traces, layout, { displayModeBar: false }).then(() => this.label(name));
    this.bind(name, chart);
  }

  subtitle(lines, minus) {
    const { texts } = this.data, base = lines.find(({ line }) => line.place === this.data.baseline);
    const said = [...new Set(lines.map(({ main }) => main.scope))].map((scope) => texts[scope]);
    if (minus) said.push(texts.minus.replace("{name}", clipped(base.line.name, 40)));
    if (lines.some(({ train }) => train)) said.push(texts.dotted);
    if (lines.some(({ main }) => main.low)) said.push(texts.band);
    return said.join(" · ");
  }

  hue(line) {
    const hues = this.data.hues[isDark(this.element) ? "dark" : "light"];
    return { color: hues[line.place % hues.length], dash: this.data.dashes[Math.floor(line.place / hues.length) % this.data.dashes.length] };
  }

  traces({ id, line, main, train }, size, hover) {
    const { color, dash } = this.hue(line), places = ({ x }) => (size === 1 ? x : x.map((at) => at / size));
    const trace = (curve, part, style, opacity) => ({
      // Plotly makes a class of it: letters, digits and dashes.
      type: "scatter", uid: `${id}-${part}`, name: clipped(line.name, 40), mode: curve.x.length < 2 ? "markers" : "lines",
      x: places(curve), y: smooth(curve, this.data.smoothing), line: { color, ...style }, marker: { color }, opacity,
      hovertemplate: `${hover}<extra>%{fullData.name}</extra>`,
    });
    const quiet = { hoverinfo: "skip", hovertemplate: null };
    const found = [trace(main, "main", { width: 2.4, dash }, 1)];
    if (main.low) found.unshift(...this.edges(id, { ...main, x: places(main) }, color));
    // The extremes of a thinned curve, as all its points would look.
    else if (main.points) found.unshift({ ...trace(main.points, "points", { width: 1 }, 0.3), y: main.points.y, ...quiet });
    if (train) found.unshift({ ...trace(train, "train", { width: 1.4, dash: "dot" }, 0.55), ...quiet });
    return found;
  }

  edges(id, { x, low, high }, color) {
    const edge = { type: "scatter", mode: "lines", x, line: { width: 0 }, hoverinfo: "skip" };
    return [
      { ...edge, uid: `${id}-low`, y: low },
      { ...edge, uid: `${id}-high`, y: high, fill: "tonexty", fillcolor: faint(color, 0.18) },
    ];
  }

  // The names at the ends of the lines, where the lines are in sight.
  label(name) {
    const chart = this.charts.get(name), area = chart?.plot.querySelector(".nsewdrag");
    if (!area || chart.plot.clientWidth < NARROW) return;
    const named = new Map(chart.plot.data.filter((trace) => trace.uid.endsWith("-main")).map((trace) => [trace.name, trace]));
    const traces = [...named.values()];
    const { range: [low, high], type } = chart.plot.layout.yaxis, tall = area.getBBox().height;
    const wishes = traces.map((trace) => {
      const value = trace.y.findLast(Number.isFinite) ?? 0;
      const place = ((type === "log" ? Math.log10(value) : value) - low) / (high - low);
      return tall * (1 - Math.min(1, Math.max(0, place)));
    });
    const places = spread(wishes, LINE, tall);
    const annotations = traces.map((trace, i) => ({
      xref: "paper", x: 1, xanchor: "left", xshift: 8, yref: "paper", y: 1 - Math.round(places[i]) / tall, yanchor: "middle", showarrow: false,
      text: escaped(clipped(trace.name, LABEL)), font: { color: trace.line.color, size: 12 },
    }));
    // Names that are there already cost a second drawing.
    if (JSON.stringify(annotations) === JSON.stringify(chart.names)) return;
    chart.names = annotations;
    this.P.relayout(chart.plot, { annotations });
  }

  bind(name, chart) {
    if (chart.bound) return;
    chart.bound = true;
    chart.plot.on("plotly_relayout", (change) => {
      if (!("annotations" in change)) this.zoomed(name, change);
    });
    chart.plot.on("plotly_hover", (event) => {
      // Only what the mouse does is passed on, or two charts would answer each other.
      if (event.event?.isTrusted) this.others(name, (plot) => this.P.Fx.hover(plot, { xval: event.xvals?.[0] }, "xy"));
    });
    chart.plot.on("plotly_unhover", () => this.others(name, (plot) => this.P.Fx.unhover(plot)));
  }

  // The names move with the lines, and a thinned curve shows more where there is more room.
  async zoomed(name, change) {
    this.label(name);
    const thinned = [...this.sources].filter(([, { series }]) => mainCurve(series, name)?.means);
    // By a clock a window of several runs is another one of each.
    const ids = CLOCKS[this.data.axis] ? [] : thinned.map(([id]) => id);
    if (await this.windows.follow(change, { name, axis: this.axis, ids, buckets: this.buckets })) {
      this.drawn.delete(name);
      this.drawOne(name);
    }
  }

  others(name, act) {
    if (this.pointing) return;
    this.pointing = true;
    for (const [other, { plot }] of this.charts) if (other !== name && plot.clientWidth && plot.data) act(plot);
    this.pointing = false;
  }

  chip(line) {
    const found = span("span", "dl-name", clipped(line.name, 40));
    found.style.setProperty("--hue", this.hue(line).color);
    return found;
  }

  close() {
    cancelAnimationFrame(this.waits);
    this.leave();
    for (const [name, chart] of this.charts) this.remove(name, chart);
  }
}

const mainCurve = (series, name) => series?.get(`${name}|validation`) ?? series?.get(`${name}|train`);

// The curves of the runs of a line as one: the mean and the range of several.
function together(line, members) {
  if (!members.length) return [];
  const one = (of) => {
    const curves = members.map((part) => part[of]).filter(Boolean);
    return curves.length > 1 ? { ...band(curves), scope: curves[0].scope } : curves[0] ?? null;
  };
  return [{ id: members[0].id, line, main: one("main"), train: one("train") }];
}

// Plotly shows dates as those of Greenwich.
const ofDay = (curve) => ({
  ...curve, x: curve.x.map((at) => 1000 * at - 60000 * new Date(1000 * at).getTimezoneOffset()),
});

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
