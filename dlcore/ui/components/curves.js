// Arithmetic of curves: they grow by what is new, stay short enough to be drawn, and can be smoothed.
const RANGES = 1000; // about as many as a chart has pixels

// Returns the points of a curve in at most 2 · ranges: of each range of x the lowest and the highest value.
function extremes({ x, y }, ranges = RANGES) {
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
function averages({ x, y }, ranges = RANGES) {
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

// Places of the points of each range of equal width, those without points left out: first, and one after the last.
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

// Returns a curve with what is new at its end. `means` are there once it was thinned, here or by the server.
function extended(curve, news) {
  const join = (one, other) => ({ x: one.x.concat(other.x), y: one.y.concat(other.y) });
  const points = join(curve, news);
  const means = curve.means || news.means ? join(curve.means ?? curve, news.means ?? news) : null;
  const whole = { ...curve, ...points, means };
  if (points.x.length <= 4 * RANGES) return whole;
  return { ...whole, ...extremes(points), means: averages(means ?? points) };
}

// Returns an exponential mean, which looks alike however densely a curve's points lie: `weight` is what is left
// of the past after a thousandth of the range or, of a curve with fewer points, after one point.
function smooth({ x, y }, weight) {
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
