// The history of a search as points in groups: what the server made of the trials so far, and the trials that
// changed since. Whatever comes here one by one lies where the server would have laid it. Nothing here knows of a
// page.
const MOST = 4000; // points of a group before it is thinned
const GROUPS = ["counting", "best", "pruned", "without", "beyond", "bad", "failed"]; // as in the blank figure
const COMPLETE = new Set(["counting", "beyond", "bad"]);
const TYPES = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array };

// Returns a column of a Plotly figure as plain numbers: they are sent in base64.
export function numbers(column) {
  if (column === undefined || column === null) return [];
  if (!column.bdata) return Array.from(column, (value) => (Array.isArray(value) ? value[0] : value));
  const bytes = Uint8Array.from(atob(column.bdata), (char) => char.charCodeAt(0));
  return Array.from(new TYPES[column.dtype](bytes.buffer));
}

// Returns the places of at most `most` values in their order: of each stretch the lowest and the highest.
export function peaks(values, most) {
  if (values.length <= most) return values.map((_, place) => place);
  const stretches = Math.floor(most / 2), kept = new Set();
  for (let stretch = 0; stretch < stretches; stretch++) {
    const first = Math.floor((stretch * values.length) / stretches), end = Math.floor(((stretch + 1) * values.length) / stretches);
    let low = first, high = first;
    for (let place = first; place < end; place++) {
      if (values[place] < values[low]) low = place;
      if (values[place] > values[high]) high = place;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((one, other) => one - other);
}

// Returns the steps of the best value so far, with one more if there is a better one at x.
export function improved(steps, step, sign) {
  const before = steps.filter((known) => known.x <= step.x);
  if (before.length && sign * step.y >= sign * before.at(-1).y) return steps;
  const after = steps.filter((known) => known.x > step.x && sign * known.y < sign * step.y);
  return [...before, step, ...after];
}

const signature = (trace) => `${trace.mode === "lines" ? "best" : trace.legendgroup}|${trace.yaxis || "y"}`;

export class History {
  // `figure` is drawn from the trials so far, `blank` has a trial in each group, and `live` says how trials are placed.
  constructor({ figure, blank, live }) {
    this.live = { ...live };
    this.range = figure.layout.yaxis?.type === "log" ? null : figure.layout.yaxis?.range ?? null;
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
    this.readBest();
  }

  // The line of the best without its last point, if that only carries the line to the latest complete trial.
  readBest() {
    const { x, y, of } = this.groups.best;
    this.steps = x.map((at, i) => ({ x: at, y: y[i], of: of[i] }));
    if (of.length > 1 && of.at(-1) === of.at(-2)) this.steps.pop();
    this.end = Math.max(-Infinity, ...x.slice(-1), ...[...COMPLETE].flatMap((name) => this.groups[name].x));
  }

  // The rightmost x of all trials.
  get last() {
    return Math.max(0, ...GROUPS.flatMap((name) => this.groups[name].x));
  }

  groupOf(trial) {
    const value = trial.values[this.live.objective];
    const known = Number.isFinite(value);
    if (trial.state === "fail") return "failed";
    if (trial.state === "pruned") return known ? "pruned" : "without";
    if (trial.state !== "complete" || !known) return null;
    return trial.bad ? "bad" : trial.beyond ? "beyond" : "counting";
  }

  // Takes trials that changed. Returns "changed" or "same"; or "stale" if only the server can go on, because the
  // best trial no longer counts and which one follows it is not known here.
  take(trials) {
    const starts = trials.map((trial) => trial.started).filter(Number.isFinite);
    if (starts.length) this.live.began ??= Math.min(...starts);
    let changed = false;
    for (const trial of trials) {
      const group = this.groupOf(trial), before = this.place.get(trial.number) ?? null;
      if (group === before) continue;
      if (group !== "counting" && this.steps.some((step) => step.of === trial.number)) return "stale";
      if (before) this.remove(before, trial.number);
      if (group) this.add(group, trial);
      changed ||= Boolean(group || before);
    }
    return changed ? "changed" : "same";
  }

  remove(group, number) {
    const points = this.groups[group], at = points.of.indexOf(number);
    if (at >= 0) for (const column of [points.x, points.y, points.of]) column.splice(at, 1);
    this.place.delete(number);
  }

  add(group, trial) {
    const { live } = this, points = this.groups[group];
    const since = live.began === null ? 0 : (trial.at - live.began) / live.unit;
    const x = live.by_time ? since : trial.number;
    const y = group === "failed" || group === "without" ? live.edge : trial.values[live.objective];
    points.x.push(x);
    points.y.push(y);
    points.of.push(trial.number);
    this.place.set(trial.number, group);
    if (points.x.length > MOST) this.thin(points);
    if (!COMPLETE.has(group)) return;
    this.end = Math.max(this.end, x);
    if (group === "counting") {
      const before = this.steps;
      this.steps = improved(before, { x, y, of: trial.number }, live.sign);
      if (this.steps !== before) this.widen(y);
    }
    this.writeBest();
  }

  thin(points) {
    const kept = peaks(points.y, MOST / 2);
    for (const name of ["x", "y", "of"]) points[name] = kept.map((place) => points[name][place]);
  }

  writeBest() {
    const last = this.steps.at(-1);
    const steps = last && this.end > last.x ? [...this.steps, { ...last, x: this.end }] : this.steps;
    for (const name of ["x", "y", "of"]) this.groups.best[name] = steps.map((step) => step[name]);
  }

  // A view that was chosen for the values so far makes room for a better one.
  widen(y) {
    if (!this.range) return;
    const [low, high] = this.range, room = 0.05 * (high - low);
    this.range = this.live.sign > 0 ? [Math.min(low, y - room), high] : [low, Math.max(high, y + room)];
  }

  // The traces to draw, those without points left out.
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
}
