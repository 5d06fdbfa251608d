// The history of a search: made on the server, in the colours of the theme, it goes on by itself. The feed brings
// the trials that changed since a revision, so that a tick costs the same in any study.
const STATE = Symbol.for("dlstudio.study");
const MOST = 4000; // points of a trace before its middle ones are dropped
const GROUPS = ["counting", "best", "pruned", "without", "beyond", "bad", "failed"]; // as in the blank figure
const ASIDE = 0.03; // where trials without a value stand, as a share of the height
const TYPES = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array };

function numbers(column) {
  if (column === undefined || column === null) return [];
  if (!column.bdata) return Array.from(column, (value) => (Array.isArray(value) ? value[0] : value));
  const bytes = Uint8Array.from(atob(column.bdata), (char) => char.charCodeAt(0));
  return Array.from(new TYPES[column.dtype](bytes.buffer));
}

const signature = (trace) => `${trace.mode === "lines" ? "best" : trace.legendgroup}|${trace.yaxis || "y"}`;

class StudyChart {
  constructor(element) {
    this.element = element;
    this.plot = element;
    this.observer = followWidth(element, () => this.P && this.draw());
  }

  update(component) {
    this.component = component;
    const { data } = component;
    const text = JSON.stringify(data);
    // What the page sends again unchanged would only undo what was added since.
    if (text === this.text) return;
    this.text = text;
    this.data = data;
    this.cursor = data.live.since;
    this.sort();
    [this.every, this.language] = [data.live.interval, data.live.language];
    this.ended = !data.live.on;
    loadPlotly(data.plotly).then((P) => {
      if (this.data !== data || this.closed) return;
      this.P = P;
      this.draw();
      feed().join(this);
    });
  }

  // The history: points by group, so that a trial can move from one to another.
  sort() {
    const { figure, blank } = this.data;
    const given = new Map(figure.data.map((trace) => [signature(trace), trace]));
    this.groups = {};
    blank.forEach((trace, place) => {
      const known = given.get(signature(trace));
      this.groups[GROUPS[place]] = {
        trace: { ...trace, ...known },
        x: numbers(known?.x), y: numbers(known?.y), of: numbers(known?.customdata),
      };
    });
    this.place = new Map();
    for (const name of GROUPS) if (name !== "best") for (const of of this.groups[name].of) this.place.set(of, name);
  }

  ask() {
    return this.ended ? null : `trials:${this.data.live.study}:${this.cursor}`;
  }

  take(news) {
    this.ended = news.gone || (!news.live && !news.more);
    if (news.gone) return;
    this.cursor = news.revision;
    if (this.add(news.trials)) this.draw();
    if (news.more) feed().soon();
  }

  groupOf(trial) {
    const value = trial.values[this.data.live.objective];
    const known = Number.isFinite(value);
    if (trial.state === "fail") return "failed";
    if (trial.state === "pruned") return known ? "pruned" : "without";
    if (trial.state !== "complete" || !known) return null;
    return trial.bad ? "bad" : trial.beyond ? "beyond" : "counting";
  }

  // Puts trials where they belong now; returns whether anything changed.
  add(trials) {
    const { live } = this.data;
    let changed = false;
    for (const trial of trials) {
      const group = this.groupOf(trial), before = this.place.get(trial.number) ?? null;
      if (group === before) continue;
      if (before === "counting" && this.groups.best.of.includes(trial.number)) {
        // The line of the best is another one now; only the page has all trials to draw it from.
        this.component.setTriggerValue("stale", Date.now());
        return false;
      }
      if (before) this.remove(before, trial.number);
      this.place.delete(trial.number);
      if (group) this.put(group, trial, live);
      changed ||= Boolean(group || before);
    }
    return changed;
  }

  remove(group, number) {
    const points = this.groups[group], at = points.of.indexOf(number);
    if (at >= 0) for (const column of [points.x, points.y, points.of]) column.splice(at, 1);
  }

  put(group, trial, live) {
    live.began ??= trial.at;
    const points = this.groups[group];
    const x = live.by_time ? (trial.at - live.began) / live.unit : trial.number;
    const y = group === "failed" || group === "without" ? ASIDE : trial.values[live.objective];
    points.x.push(x);
    points.y.push(y);
    points.of.push(trial.number);
    this.place.set(trial.number, group);
    if (points.x.length > MOST) for (const column of [points.x, points.y, points.of]) column.splice(0, MOST / 2, ...column.slice(0, MOST / 2).filter((_, i) => i % 2));
    if (group === "counting") this.improve(x, y, trial.number, live.sign);
    else this.reach(x);
  }

  // The steps of the best so far; the last point only carries the line to the latest trial.
  improve(x, y, number, sign) {
    const { best } = this.groups;
    const steps = best.x.map((at, i) => ({ x: at, y: best.y[i], of: best.of[i] }));
    if (steps.length > 1 && steps.at(-1).of === steps.at(-2).of) steps.pop();
    const end = Math.max(x, best.x.at(-1) ?? x);
    const before = steps.filter((step) => step.x <= x);
    if (!before.length || sign * y < sign * before.at(-1).y) {
      const after = steps.filter((step) => step.x > x && sign * step.y < sign * y);
      steps.splice(0, steps.length, ...before, { x, y, of: number }, ...after);
      this.widen(y, sign);
    }
    const last = steps.at(-1);
    if (end > last.x) steps.push({ ...last, x: end });
    for (const [name, field] of [["x", "x"], ["y", "y"], ["of", "of"]]) best[name] = steps.map((step) => step[field]);
  }

  reach(x) {
    const { best } = this.groups;
    if (!best.x.length || x <= best.x.at(-1)) return;
    const long = best.of.length > 1 && best.of.at(-1) === best.of.at(-2);
    if (long) best.x[best.x.length - 1] = x;
    else { best.x.push(x); best.y.push(best.y.at(-1)); best.of.push(best.of.at(-1)); }
  }

  // A view that was chosen for the values so far makes room for a better one.
  widen(y, sign) {
    const axis = this.data.figure.layout.yaxis;
    if (!axis?.range || axis.type === "log") return;
    const [low, high] = axis.range, room = 0.05 * (high - low);
    axis.range = sign > 0 ? [Math.min(low, y - room), high] : [low, Math.max(high, y + room)];
  }

  traces() {
    const found = [];
    for (const name of GROUPS) {
      const { trace, x, y, of } = this.groups[name];
      if (!x.length) continue;
      const showlegend = name === "without" ? !this.groups.pruned.x.length : trace.showlegend;
      found.push({ ...trace, uid: name, showlegend, x: [...x], y: [...y], customdata: of.map((number) => [number]) });
    }
    return found;
  }

  draw() {
    const width = this.element.clientWidth;
    if (!width) return; // hidden: drawn when it is seen
    const { css, grid, palette } = theme(this.element);
    const axis = { gridcolor: grid, linecolor: grid, zerolinecolor: grid, automargin: true, tickfont: { size: 12 }, title: { font: { size: 13 }, standoff: 8 } };
    const { layout } = this.data.figure;
    const traces = this.traces();
    const template = {
      layout: {
        colorway: palette, xaxis: axis, yaxis: axis,
        font: { color: css("--st-text-color"), family: css("--st-font"), size: 13 },
        hoverlabel: { bgcolor: css("--st-secondary-background-color"), bordercolor: grid, font: { color: css("--st-text-color") } },
        modebar: { bgcolor: "rgba(0,0,0,0)", color: grid, activecolor: css("--st-primary-color") },
      },
    };
    const config = {
      displaylogo: false, displayModeBar: width < 420 ? false : "hover",
      modeBarButtonsToRemove: ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
    };
    this.P.react(this.plot, traces, { ...layout, width, template, uirevision: this.data.name }, config);
    if (this.bound) return;
    this.bound = true;
    this.plot.on("plotly_click", (event) => {
      const number = event.points?.[0]?.customdata?.[0];
      if (Number.isInteger(number)) this.component.setTriggerValue("clicked", number);
    });
  }

  close() {
    this.closed = true;
    feed().leave(this);
    this.observer.disconnect();
    if (this.P) this.P.purge(this.plot);
  }
}

export default function (component) {
  const element = component.parentElement.querySelector(".dl-study");
  element[STATE] ??= new StudyChart(element);
  element[STATE].update(component);
  return () => {
    element[STATE]?.close();
    element[STATE] = null;
  };
}
