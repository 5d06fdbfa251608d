// Curves at places where they have no point: between two points they are straight.

// Returns the value of a curve at a place, null outside of it; its x rise. `from` is where the last place was found.
function valueAt({ x, y }, at, from) {
  let i = from.place;
  while (i < x.length && x[i] < at) i += 1;
  from.place = i;
  if (i === x.length || (i === 0 && x[0] > at)) return null;
  if (x[i] === at) return y[i];
  const [low, high] = [y[i - 1], y[i]];
  if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
  return low + ((high - low) * (at - x[i - 1])) / (x[i] - x[i - 1]);
}

// Returns the values of a curve at rising places.
export function valuesAt(curve, places) {
  const from = { place: 0 };
  return places.map((at) => valueAt(curve, at, from));
}

// Returns a curve minus another times a number, where both have a value; what else it has along its x goes with it.
export function difference(curve, base, times = 1) {
  const below = valuesAt(base, curve.x);
  const minus = (values) => values?.map((value, i) => (
    Number.isFinite(value) && Number.isFinite(below[i]) ? times * (value - below[i]) : null
  ));
  const found = { ...curve, y: minus(curve.y) };
  if (curve.points) found.points = difference(curve.points, base, times);
  return curve.low ? { ...found, low: minus(curve.low), high: minus(curve.high) } : found;
}

// Returns a curve over what a clock shows at its x instead of over that; places the clock does not know are left out.
export function over(curve, clock) {
  const places = valuesAt(clock, curve.x), known = places.map((place, i) => i).filter((i) => places[i] !== null);
  const found = { ...curve, x: known.map((i) => places[i]), y: known.map((i) => curve.y[i]) };
  return curve.points ? { ...found, points: over(curve.points, clock) } : found;
}

const UNITS = [["time", 1], ["minutes", 60], ["hours", 3600], ["days", 86400]];

// Returns the unit in which some seconds are a number that people read, and how many seconds it has.
export const timeUnit = (seconds) => UNITS.findLast(([, size]) => seconds >= 2 * size) ?? UNITS[0];
