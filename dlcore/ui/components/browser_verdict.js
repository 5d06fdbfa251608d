// Whether models that answer in this browser chose the same classes.
import { listen } from "./given.js";

const PARTS = new WeakMap();

// chosen: lists of classes, null where a model has not answered or chooses none. Returns whether they are the same;
// null where fewer than two have chosen.
export function isAgreed(chosen) {
  const known = chosen.filter(Boolean).map((names) => JSON.stringify([...names].sort()));
  return known.length < 2 ? null : new Set(known).size === 1;
}

function listened(place, { channels, texts }) {
  const chosen = channels.map(() => null);
  const draw = () => {
    const agreed = isAgreed(chosen);
    place.textContent = agreed === null ? "" : agreed ? texts.agree : texts.differ;
  };
  const ends = channels.map((channel, index) =>
    listen(channel, (names) => {
      chosen[index] = names;
      draw();
    }),
  );
  return () => ends.forEach((end) => end());
}

export default function ({ parentElement: root, data }) {
  const before = PARTS.get(root);
  if (before?.of !== JSON.stringify(data)) {
    before?.end();
    PARTS.set(root, { of: JSON.stringify(data), end: listened(root.querySelector(".verdict"), data) });
  }
  return () => {
    PARTS.get(root)?.end();
    PARTS.delete(root);
  };
}
