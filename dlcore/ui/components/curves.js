// The curves of a run as the browser keeps them: they grow by what is new, stay short enough to be drawn, and
// can be smoothed. Nothing here knows of a page.
export const RANGES = 1000; // about as many as a chart has pixels
const FEWEST = 100, TOGETHER = 12000; // ranges of a curve among many, and of all of them

// Returns the points of a curve in at most 2 · ranges: of each range of x the lowest and the highest value.
export function extremes({ x, y }, ranges = RANGES) {
  const found = { x: [], y: [] };
  for (const [first, end] of stretches(x, ranges)) {
    const known = y.slice(first, end).filter(Number.isFinite);
    found.x.push(x[first], x[end - 1]);
    found.y.push(known.length ? Math.min(...known) : null, known.length ? Math.max(...known) : null);
  }
  return found;
}

// Returns the mean of each range of x. A point counts as much as the way to it: where the curve was thinned
// before, it stands for many.
export function averages({ x, y }, ranges = RANGES) {
  const found = { x: [], y: [] };
  for (const [first, end] of stretches(x, ranges)) {
    let sum = 0, way = 0;
    for (let i = first; i < end; i++) {
      if (!Number.isFinite(y[i])) continue;
      const share = i ? x[i] - x[i - 1] : 1;
      sum += share * y[i];
      way += share;
    }
    found.x.push(x[end - 1]);
    found.y.push(way ? sum / way : null);
  }
  return found;
}

// The points of each range of equal width that has any: the place of its first, and the one after its last.
function stretches(x, ranges) {
  const found = [], width = (x.at(-1) - x[0]) / ranges || 1;
  const range = (i) => Math.min(ranges - 1, Math.floor((x[i] - x[0]) / width));
  for (let first = 0, i = 1; i <= x.length; i++) {
    if (i < x.length && range(i) === range(first)) continue;
    found.push([first, i]);
    first = i;
  }
  return found;
}

const join = (one, other) => ({ x: one.x.concat(other.x), y: one.y.concat(other.y) });

// Returns a curve with what is new at its end, thinned once it is long. `means` are there since it was thinned,
// here or by the server: extremes show every spike, but no trend follows from them.
export function extended(curve, news, ranges = RANGES) {
  const points = join(curve, news);
  const means = curve.means || news.means ? join(curve.means ?? curve, news.means ?? news) : null;
  const whole = { ...curve, ...points, means };
  if (points.x.length <= 4 * ranges) return whole;
  return { ...whole, ...extremes(points, ranges), means: averages(means ?? points, ranges) };
}

// Returns an exponential mean, which looks alike however densely a curve's points lie: `weight` is what is left
// of the past after a thousandth of the range or, of a curve with fewer points, after one point.
export function smooth({ x, y }, weight) {
  if (!weight) return y;
  const step = (x.at(-1) - x[0]) / Math.min(RANGES, x.length - 1) || 1;
  let mean = 0, norm = 0, before = x[0] - step;
  return y.map((value, i) => {
    if (!Number.isFinite(value)) return value;
    const past = weight ** ((x[i] - before) / step);
    mean = past * mean + (1 - past) * value;
    norm = past * norm + (1 - past);
    before = x[i];
    return norm ? mean / norm : value;
  });
}

// Returns how finely each of so many curves is drawn: what all of them cost stays about the same.
export const fineness = (count) => Math.max(FEWEST, Math.min(RANGES, Math.floor(TOGETHER / count)));

// What a run's curves have come to, asked for by a cursor.
export class Curves {
  constructor(ranges = RANGES) {
    this.ranges = ranges;
    this.forget();
  }

  forget() {
    this.series = new Map();
    this.cursor = 0;
    this.attempt = null;
  }

  // Takes an answer of the server. Returns whether the curves are others now.
  take(answer) {
    if (answer.attempt !== this.attempt && this.attempt !== null && !answer.whole) {
      // A resumed run goes on from an earlier state: the points after it are gone, so all is asked for anew.
      this.forget();
      return false;
    }
    this.attempt = answer.attempt;
    this.cursor = answer.cursor;
    if (answer.whole) this.series.clear();
    for (const part of answer.series) {
      const key = `${part.name}|${part.scope}`, known = this.series.get(key);
      this.series.set(key, known ? extended(known, part, this.ranges) : part);
    }
    return answer.whole || answer.series.length > 0;
  }

  // Whether nothing more comes after an answer that was taken: the run has ended, and all of it is here.
  isWhole(answer) {
    return !answer.live && answer.cursor === this.cursor;
  }
}
