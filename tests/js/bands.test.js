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

test("a value that is none is left out", () => {
  assert.deepEqual(band([{ x: [1, 2], y: [null, 2] }]), { x: [2], y: [2], low: [2], high: [2] });
});

test("a colour becomes see-through", () => {
  assert.equal(faint("#0072B2", 0.2), "rgba(0,114,178,0.2)");
});
