// Which layers a chart of signals draws, and in which order.

// Returns the last number of a curve, or null.
const lastOf = ({ y }) => y.findLast(Number.isFinite) ?? null;

// Returns at most `most` of the curves, in their order: the first and the last layer, and those that are now farthest
// from what is usual among them; of values over several magnitudes by their ratio.
export function telling(parts, most, log) {
  if (parts.length <= most) return parts;
  const scaled = (value) => (value === null ? null : log ? Math.log10(Math.max(value, 1e-12)) : value);
  const values = parts.map((part) => scaled(lastOf(part)));
  const known = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const middle = known[Math.floor(known.length / 2)] ?? 0;
  const far = (place) => (values[place] === null ? -1 : Math.abs(values[place] - middle));
  const ends = [0, parts.length - 1];
  const between = parts.map((_part, place) => place).slice(1, -1).toSorted((a, b) => far(b) - far(a));
  const chosen = new Set([...ends, ...between.slice(0, most - 2)]);
  return parts.filter((_part, place) => chosen.has(place));
}

// Returns the signals among curves by their kind: the name of a curve is `kind/layer`.
export function byKind(series, order) {
  const found = new Map();
  for (const part of series) {
    const [kind, layer] = [part.name.slice(0, part.name.indexOf("/")), part.name.slice(part.name.indexOf("/") + 1)];
    if (!found.has(kind)) found.set(kind, []);
    found.get(kind).push({ ...part, layer });
  }
  const place = ({ layer }) => (order.includes(layer) ? order.indexOf(layer) : order.length);
  for (const parts of found.values()) parts.sort((a, b) => place(a) - place(b));
  return found;
}
