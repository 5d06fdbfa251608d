// Curves of several runs that are one thing, such as seeds of one setting: their mean, and the range between them.

// Returns the curve of the means over the curves that have a value at an x, and the lowest and the highest of these.
// At an x that only some of them reach, such as behind an early stop, only those count.
export function band(curves) {
  const found = new Map();
  for (const { x, y } of curves) {
    for (let i = 0; i < x.length; i++) {
      if (!Number.isFinite(y[i])) continue;
      const at = found.get(x[i]) ?? { sum: 0, count: 0, low: Infinity, high: -Infinity };
      found.set(x[i], {
        sum: at.sum + y[i], count: at.count + 1, low: Math.min(at.low, y[i]), high: Math.max(at.high, y[i]),
      });
    }
  }
  const x = [...found.keys()].sort((a, b) => a - b);
  const take = (value) => x.map((at) => value(found.get(at)));
  return { x, y: take(({ sum, count }) => sum / count), low: take(({ low }) => low), high: take(({ high }) => high) };
}

// Returns a colour of six digits, mostly see-through.
export function faint(color, share) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return `rgba(${red},${green},${blue},${share})`;
}
