// Where labels at the ends of lines stand: beside their lines, but never over each other.

// Returns a place for each label, in pixels from the top: as near to its wish as a gap between all of them allows,
// and between 0 and `height` if they find room there. The order of the wishes is kept.
export function spread(wishes, gap, height) {
  const order = wishes.map((_, i) => i).sort((a, b) => wishes[a] - wishes[b] || a - b);
  const found = [];
  let last = -Infinity;
  for (const i of order) found[i] = last = Math.max(wishes[i], last + gap, 0);
  let next = height + gap;
  for (const i of order.reverse()) found[i] = next = Math.max(Math.min(found[i], next - gap), -gap);
  return found;
}

// Returns a text of at most `most` letters: both ends stay, since many names differ in their last letters only.
export function clipped(text, most) {
  if (text.length <= most) return text;
  const head = Math.floor(most / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - head - 1))}`;
}
