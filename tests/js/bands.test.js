import assert from "node:assert/strict";
import test from "node:test";

import { band, faint } from "../../dlcore/ui/components/bands.js";

test("a band has the mean and the extremes at each x", () => {
  const found = band([{ x: [1, 2], y: [1, 4] }, { x: [1, 2], y: [3, 8] }]);
  assert.deepEqual(found, { x: [1, 2], y: [2, 6], low: [1, 4], high: [3, 8] });
});

test("behind the end of one curve the others count alone", () => {
  const found = band([{ x: [1, 2, 3], y: [1, 2, 3] }, { x: [1], y: [5] }]);
  assert.deepEqual(found, { x: [1, 2, 3], y: [3, 2, 3], low: [1, 2, 3], high: [5, 2, 3] });
});

test("where one curve has no point it is straight between its neighbours", () => {
  const found = band([{ x: [0, 4], y: [0, 8] }, { x: [2, 4], y: [0, 0] }]);
  assert.deepEqual(found, { x: [0, 2, 4], y: [0, 2, 4], low: [0, 0, 0], high: [0, 4, 8] });
});

test("of very many places some are enough", () => {
  const x = Array.from({ length: 6001 }, (_, i) => i);
  const found = band([{ x, y: x }, { x, y: x }]);
  assert.equal(found.x.length, 1501);
  assert.equal(found.x.at(-1), 6000);
});

test("a value that is none is left out", () => {
  assert.deepEqual(band([{ x: [1, 2], y: [null, 2] }]), { x: [2], y: [2], low: [2], high: [2] });
});

test("a band of many points is thinned, and no spike is lost", () => {
  const x = Array.from({ length: 5_000 }, (_, i) => i);
  const curve = (spike) => ({ x, y: x.map((at) => (at === spike ? 99 : 0.5)) });
  const found = band([curve(777), curve(-1)], 50);
  assert.ok(found.x.length <= 50);
  assert.deepEqual([found.x.at(-1), Math.max(...found.high), Math.min(...found.low)], [4_999, 99, 0.5]);
});

test("a thinned curve goes into the mean by its means, into the range by its extremes", () => {
  const thinned = { x: [2, 4], y: [3, 5], points: { x: [0, 2, 2, 4], y: [1, 9, 2, 8] } };
  assert.deepEqual(band([thinned]), { x: [2, 4], y: [3, 5], low: [1, 5], high: [9, 8] });
});

test("a colour becomes see-through", () => {
  assert.equal(faint("#0072B2", 0.2), "rgba(0,114,178,0.2)");
});
