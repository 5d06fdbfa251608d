// Curves of several runs that are one thing, such as seeds of one setting: their mean, and the range between them.
import { valuesAt } from "./interpolation.js";

const MOST = 2000; // places: more than a chart has pixels

// Returns the curve of the means over the curves that have a value at an x, and the lowest and the highest of these.
// Where one has no point of its own, as over time, it is straight between its neighbours. At an x that only some of
// them reach, such as behind an early stop, only those count.
export function band(curves) {
  const places = thinned([...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b));
  const columns = curves.map((curve) => valuesAt(curve, places));
  const found = places.flatMap((x, i) => {
    const known = columns.map((column) => column[i]).filter(Number.isFinite);
    if (!known.length) return [];
    return [{ x, y: known.reduce((sum, value) => sum + value, 0) / known.length, low: Math.min(...known), high: Math.max(...known) }];
  });
  const take = (name) => found.map((at) => at[name]);
  return { x: take("x"), y: take("y"), low: take("low"), high: take("high") };
}

// Of many places some, evenly; the last one is always among them.
function thinned(places) {
  const every = Math.ceil(places.length / MOST);
  return places.filter((_, i) => (places.length - 1 - i) % every === 0);
}

// Returns a colour of six digits, mostly see-through.
export function faint(color, share) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return `rgba(${red},${green},${blue},${share})`;
}
