// Live curves of one run: the feed brings what is new since a cursor, Plotly.react draws it, so that
// zoom, legend and the DOM node stay as they are while the curve grows.
import { RANGES, smooth } from "./curves.js";
import { addCard, curveLayout, isDark, loadPlotly, span, theme, wholeTicks } from "./plotly.js";
import { RunCurves } from "./run_curves.js";
import { momentOf, until } from "./replay.js";
import { ReplayBar } from "./replay_bar.js";
import { bestEpoch, bestMark, endLabels, LARGE, margins, rooms, said, sameStretch, SMALL, valueAt } from "./run_figure.js";
import { Windows } from "./windows.js";

const STATE = Symbol.for("dlstudio.live");
const SCOPES = ["train", "validation", "system"];
const CLOCK_RANGES = 200; // of a run of very many epochs

// Returns a text with its gaps filled.
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);

class LiveChart {
  constructor(element) {
    this.element = element;
    this.charts = new Map();
    const took = (answer) => {
      if (answer.whole) this.windows.forget();
      this.soon();
    };
    this.curves = new RunCurves(this, () => `${this.data.run}:${this.data.axis}`, took);
    // The meters of the machine are over time, whatever the curves are over.
    this.meters = new RunCurves(this, () => `${this.data.run}:time`, () => this.soon());
    this.windows = new Windows();
    // When its epochs ended, by which it is replayed.
    this.clock = new RunCurves(this, () => `${this.data.run}:epoch:${CLOCK_RANGES}:seconds`, () => this.soon());
    this.seen = this.metered = new Map();
  }

  update(data) {
    const other = !this.data || this.data.run !== data.run;
    const moved = other || this.data.axis !== data.axis;
    this.data = data;
    if (moved) {
      this.curves.forget();
      this.windows.forget();
    }
    if (this.P) this.draw();
    else loadPlotly(data.plotly).then((P) => { this.P = P; this.draw(); });
    this.curves.join();
    if (other) this.meters.forget();
    if (!data.brief) this.meters.join();
    this.prepareReplay(other);
  }

  prepareReplay(other) {
    const { replay, texts } = this.data;
    if (this.bar && (other || !replay)) {
      this.bar.close();
      this.clock.leave();
      this.bar = null;
    }
    if (!replay || this.bar) return;
    this.clock.forget();
    this.clock.join();
    this.bar = new ReplayBar(this.element.querySelector(".dl-replay"), texts, replay.seconds, () => this.soon());
    this.begins = replay.auto && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  get replays() {
    return (this.bar?.moment ?? null) !== null;
  }

  // The curves that are drawn: all there is, or in a replay what there was by then.
  upToNow(series, axis) {
    if (!this.replays) return series;
    const { moment } = this.bar, { seconds } = this.data.replay;
    const clock = this.clock.series.get("seconds|system"), last = this.end();
    const reached = axis === "time" ? (x) => x : momentOf(clock, { axis, last, seconds });
    const found = [...series].map(([key, part]) => [key, until(part, moment, reached)]);
    return new Map(found.filter(([, part]) => part));
  }

  // The last place of all curves.
  end() {
    const parts = [...this.curves.series.values()].filter(({ scope }) => scope !== "system");
    return Math.max(0, ...parts.map((part) => part.x.at(-1) ?? 0));
  }

  // Curves and meters come in one answer: they are drawn once.
  soon() {
    this.waits ??= requestAnimationFrame(() => {
      this.waits = null;
      this.draw();
    });
  }

  names() {
    // When the epochs ended is no curve of theirs: charts of several runs are drawn by it.
    const parts = [...this.curves.series.values()].filter(({ scope }) => SCOPES.includes(scope) && scope !== "system");
    const found = [...new Set(parts.map((part) => part.name))];
    const order = this.data.order;
    const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
    return found.sort((a, b) => place(a) - place(b) || a.localeCompare(b));
  }

  // Which chart has which curves: the large ones with a strip each, and a small one for all that is left.
  plan() {
    const names = this.names(), { main } = this.data;
    const large = main.filter((name) => names.includes(name)).map((name) => ({ name, large: true, strip: null }));
    if (this.data.brief) return large;
    const meters = [...this.meters.series.values()];
    const shares = meters.filter((part) => part.name.endsWith("_percent"));
    const inStrips = new Set(main);
    const under = (chart, axis, parts) => {
      if (!chart || !parts.length) return;
      chart.strip = { axis, parts };
      for (const part of parts) inStrips.add(part.name);
    };
    under(large[0], this.data.axis, [...this.curves.series.values()].filter((part) => part.name === "learning_rate"));
    under(large[1], "time", shares);
    const left = [...names, ...meters.map((part) => part.name)].filter((name) => !inStrips.has(name));
    return [...large, ...left.map((name) => ({ name, large: false, strip: null }))];
  }

  draw() {
    if (!this.P) return;
    if (this.begins && this.curves.series.size) {
      this.begins = false;
      this.bar.play();
    }
    this.seen = this.upToNow(this.curves.series, this.data.axis);
    this.metered = this.upToNow(this.meters.series, "time");
    const plan = this.plan();
    this.element.querySelector(".dl-empty").textContent = plan.length ? "" : this.data.texts.empty;
    for (const [name, chart] of this.charts) {
      if (!plan.some((one) => one.name === name && one.large === chart.large)) this.remove(name, chart);
    }
    this.drawNumbers();
    // All cards first: one that is still alone in the grid has the room of two.
    for (const one of plan) Object.assign(this.chart(one), one);
    for (const { name } of plan) this.drawOne(name);
  }

  chart({ name, large }) {
    if (this.charts.has(name)) return this.charts.get(name);
    const room = this.element.querySelector(large ? ".dl-front" : ".dl-grid");
    const chart = addCard(room, { name, height: large ? LARGE : SMALL }, () => this.drawOne(name));
    this.charts.set(name, chart);
    return chart;
  }

  remove(name, chart) {
    chart.remove(this.P);
    this.charts.delete(name);
  }

  // What stands beside the charts: what the page says, and the best value of each large chart.
  drawNumbers() {
    const { main, labels, texts, epochs } = this.data, series = this.seen;
    // What it came to is not known while it is shown as if at work.
    const { test, numbers } = this.replays ? { test: null, numbers: [] } : this.data;
    const best = bestEpoch(series, this.data.judge, this.data.axis);
    const found = main.toReversed().flatMap((name) => {
      const value = best ? valueAt(series.get(`${name}|validation`), best.x) : undefined;
      if (!Number.isFinite(value)) return [];
      const under = best.epoch === null ? "" : fill(texts.of, { n: best.epoch, epochs });
      return [{ label: fill(texts.best_of, { metric: labels[name] }), value: said(value, this.isShare(name)), under }];
    });
    const all = [...(test ? [test] : []), ...found, ...numbers];
    const text = JSON.stringify(all);
    if (text === this.numbers) return;
    this.numbers = text;
    this.element.querySelector(".dl-facts").replaceChildren(...all.map(({ label, value, under, help }) => {
      const fact = span("div", "dl-fact", "");
      if (help) fact.title = help;
      fact.append(span("div", "dl-fact-label", label), span("div", "dl-fact-value", value));
      if (under) fact.append(span("div", "dl-fact-under", under));
      return fact;
    }));
  }

  isShare(name) {
    return this.data.shares.includes(name);
  }

  colors() {
    const { css, grid } = theme(this.element);
    const dark = isDark(this.element);
    return { css, grid, color: this.data.hues[dark ? "dark" : "light"], muted: css("--st-gray-text-color"), ground: css("--st-background-color") };
  }

  drawOne(name) {
    const chart = this.charts.get(name), { data } = this;
    const width = chart?.plot.clientWidth;
    if (!width || !chart.isNear()) return; // drawn when it is seen
    const colors = this.colors();
    const parts = SCOPES.flatMap((scope) => {
      const key = `${name}|${scope}`;
      const zoomed = this.replays ? null : this.windows.of(data.run, { name, scope });
      const part = zoomed ?? this.seen.get(key) ?? this.metered.get(key);
      return part ? [part] : [];
    });
    const axis = parts.some((part) => part.scope === "system") ? "time" : data.axis;
    chart.title.replaceChildren(data.labels[name] || name, " ", span("span", "dl-quiet", data.texts[axis]));
    const traces = parts.flatMap((part) => this.traces(part, colors));
    const lines = this.lines(chart, parts, colors);
    const last = this.replays && axis !== "time" ? this.end() : Math.max(0, ...parts.map((part) => part.x.at(-1) ?? 0));
    const mark = chart.large ? this.mark(name, last, colors) : null;
    if (mark) traces.push(mark.trace);
    if (chart.strip) traces.push(...this.stripTraces(chart.strip, colors));
    const log = data.log && !this.isShare(name);
    const { xaxis, yaxis, ...strip } = rooms(chart.strip, colors);
    const height = chart.large ? LARGE : SMALL, revision = `${data.run}|${axis}${this.replays ? "|replay" : ""}`;
    const layout = {
      width, height, margin: margins(lines.map((line) => line.name)), uirevision: revision,
      ...curveLayout(colors),
      shapes: mark ? [mark.shape] : [],
      xaxis: { ...xaxis, ...(axis === "time" ? {} : wholeTicks(last)), ...(this.replays && axis !== "time" ? { range: [0, last] } : {}) },
      yaxis: {
        ...yaxis, type: log ? "log" : "linear", uirevision: `${revision}|${log}`, tickformat: this.isShare(name) ? "~%" : "",
        // A constant curve would be drawn on an axis from -1 to 1.
        rangemode: name === "loss" || this.isShare(name) ? "normal" : "tozero",
        ...(parts.length ? {} : { range: [0, 1] }),
      },
      ...strip,
    };
    Object.assign(chart, { lines, height, last, fixed: [...(mark ? [mark.words] : []), ...this.stripTitle(chart.strip, colors)] });
    // The bar of buttons would lie over the curves; a double click shows all again.
    this.P.react(chart.plot, traces, layout, { displayModeBar: false }).then(() => this.label(chart));
    if (chart.bound) return;
    chart.bound = true;
    chart.plot.on("plotly_relayout", (change) => {
      if ("annotations" in change) return;
      this.label(chart);
      this.followZoom(chart, change);
      this.zoomed(name, change);
    });
  }

  // The best epoch in a large chart: a line down to the axis, a dot on the curve, and words.
  mark(name, last, colors) {
    const { data } = this, best = bestEpoch(this.seen, data.judge, data.axis);
    const value = best ? valueAt(this.seen.get(`${name}|validation`), best.x) : undefined;
    if (!Number.isFinite(value)) return null;
    const text = fill(best.epoch === null ? data.texts.best : data.texts.best_epoch, { n: best.epoch, value: said(value, this.isShare(name)) });
    const log = data.log && !this.isShare(name);
    const marked = bestMark({ x: best.x, value: log ? Math.log10(value) : value, last, text }, colors, this.isShare(name));
    const dot = { size: 9, color: colors.color, line: { color: colors.ground, width: 1.5 } };
    return { ...marked, trace: { type: "scatter", uid: "best", mode: "markers", x: [best.x], y: [value], marker: dot, hoverinfo: "skip" } };
  }

  stripTraces({ axis, parts }, { muted }) {
    return parts.map((part, place) => ({
      type: "scatter", uid: part.name, mode: "lines", x: part.x, y: part.y, yaxis: "y2", ...(axis === "time" ? { xaxis: "x2" } : {}),
      line: { color: muted, width: 1.2, dash: ["solid", "dot", "dash"][place % 3] },
      hovertemplate: axis === "time" ? "%{y:.3g}<extra></extra>" : `%{y:.4g}<extra>${this.data.labels[part.name]}</extra>`,
    }));
  }

  stripTitle(strip, { muted }) {
    if (!strip) return [];
    const text = strip.axis === "time" ? this.data.texts.machine : this.data.labels[strip.parts[0].name];
    return [{ xref: "paper", x: 0, xanchor: "left", yref: "y2 domain", y: 1, yanchor: "bottom", text, showarrow: false, font: { size: 12, color: muted } }];
  }

  // The lines that have their names at their ends; of a chart with one line the title says what it is.
  lines(chart, parts, { color, muted }) {
    const { labels } = this.data, last = (part) => part.y.findLast(Number.isFinite) ?? 0;
    const found = parts.length < 2 ? [] : parts.map((part) => ({
      name: labels[part.scope], color: part.scope === "train" ? muted : color, last: last(part), axis: "yaxis",
    }));
    if (chart.strip?.axis === "time") {
      found.push(...chart.strip.parts.map((part) => ({ name: labels[part.name].split(/[,，]/)[0], color: muted, last: last(part), axis: "yaxis2" })));
    }
    return found;
  }

  label(chart) {
    const { layout } = chart.plot;
    if (!layout) return;
    const axes = Object.fromEntries(["yaxis", "yaxis2"].filter((id) => layout[id]).map((id) => [id, layout[id]]));
    const annotations = [...chart.fixed, ...endLabels(chart.lines, axes, chart.height)];
    const text = JSON.stringify(annotations);
    if (text === JSON.stringify(chart.plot.layout.annotations ?? [])) return;
    this.P.relayout(chart.plot, { annotations });
  }

  // What the machine did is over time: its strip shows the stretch that lies as the one that was chosen.
  followZoom(chart, change) {
    if (chart.strip?.axis !== "time") return;
    if (change["xaxis.autorange"]) this.P.relayout(chart.plot, { "xaxis2.autorange": true });
    const low = change["xaxis.range[0]"], high = change["xaxis.range[1]"];
    if (low === undefined) return;
    const seconds = Math.max(0, ...chart.strip.parts.map((part) => part.x.at(-1) ?? 0));
    this.P.relayout(chart.plot, { "xaxis2.range": sameStretch([low, high], chart.last, seconds) });
  }

  // A curve, and behind it, where it is a mean, what it is the mean of.
  traces(part, { color, muted }) {
    const { data } = this, { name, scope } = part;
    // Among the points of batches those of whole epochs are few: each is marked, and none is a mean of others.
    const rare = data.axis === "batch" && scope === "validation";
    const weight = rare || name === "learning_rate" ? 0 : data.smoothing;
    const few = part.x.length < 2;
    const mode = rare ? "lines+markers" : few ? "markers" : "lines";
    const aside = scope === "train";
    const line = { color: aside ? muted : color, width: aside ? 1.4 : 2.4, dash: aside && data.axis === "epoch" ? "dot" : "solid" };
    const points = { type: "scatter", uid: `${scope}-raw`, mode: "lines", x: part.x, y: part.y, line, opacity: 0.3, hoverinfo: "skip" };
    const curve = part.means ?? part;
    const main = {
      type: "scatter", uid: scope, mode, name: data.labels[scope], line, marker: { size: 6, color: line.color }, x: curve.x, y: smooth(curve, weight),
      hovertemplate: this.isShare(name) ? "%{y:.2%}<extra>%{fullData.name}</extra>" : "%{y:.5g}<extra>%{fullData.name}</extra>",
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
    cancelAnimationFrame(this.waits);
    this.curves.leave();
    this.meters.leave();
    this.clock.leave();
    this.bar?.close();
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
