// Curves of several runs that are one thing, such as seeds of one setting: their mean, and the range between them.
import { valuesAt } from "./interpolation.js";

const MOST = 2000; // places: more than a chart has pixels

// Returns the curve of the means over the curves that have a value at an x, and the lowest and the highest of these.
// Where one has no point of its own, as over time, it is straight between its neighbours. At an x that only some of
// them reach, such as behind an early stop, only those count. Of a thinned curve the range also holds the extremes
// that come with it (`points`), and of too many places those between two: no spike is lost.
export function band(curves, most = MOST) {
  const places = thinned([...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b), most);
  const columns = curves.map((curve) => valuesAt(curve, places));
  const ranges = places.map(() => [Infinity, -Infinity]);
  for (const curve of curves) widen(ranges, places, curve.points ?? curve);
  const found = places.flatMap((x, i) => {
    const known = columns.map((column) => column[i]).filter(Number.isFinite);
    if (!known.length) return [];
    const [low, high] = ranges[i];
    return [{ x, y: known.reduce((sum, value) => sum + value, 0) / known.length, low: Math.min(low, ...known), high: Math.max(high, ...known) }];
  });
  const take = (name) => found.map((at) => at[name]);
  return { x: take("x"), y: take("y"), low: take("low"), high: take("high") };
}

// Takes the points of a curve into the range of the first place at or behind them.
function widen(ranges, places, { x, y }) {
  let i = 0;
  x.forEach((at, point) => {
    while (i < places.length - 1 && places[i] < at) i += 1;
    if (!Number.isFinite(y[point])) return;
    ranges[i] = [Math.min(ranges[i][0], y[point]), Math.max(ranges[i][1], y[point])];
  });
}

// Of many places some, evenly; the last one is always among them.
function thinned(places, most) {
  const every = Math.ceil(places.length / most);
  return places.filter((_, i) => (places.length - 1 - i) % every === 0);
}

// Returns a colour of six digits, mostly see-through.
export function faint(color, share) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return `rgba(${red},${green},${blue},${share})`;
}
