import assert from "node:assert/strict";
import test from "node:test";

import { difference, over, timeUnit, valuesAt } from "../../dlcore/ui/components/interpolation.js";

const curve = { x: [1, 2, 4], y: [10, 20, 40] };

test("between two points a curve is straight, and outside of them it has no value", () => {
  assert.deepEqual(valuesAt(curve, [0.5, 1, 1.5, 3, 4, 5]), [null, 10, 15, 30, 40, null]);
});

test("beside a value that is none there is none", () => {
  assert.deepEqual(valuesAt({ x: [1, 2, 3], y: [1, null, 3] }, [1, 1.5, 2, 2.5, 3]), [1, null, null, null, 3]);
});

test("a curve without points has no value", () => {
  assert.deepEqual(valuesAt({ x: [], y: [] }, [1]), [null]);
});

test("a difference is taken at the same place, with the edges of a band", () => {
  const band = { x: [1, 3, 5], y: [11, 33, 50], low: [10, 30, 49], high: [12, 36, 51], scope: "validation" };
  assert.deepEqual(difference(band, curve), {
    x: [1, 3, 5], y: [1, 3, null], low: [0, 0, null], high: [2, 6, null], scope: "validation",
  });
});

test("shares differ by points", () => {
  const points = { x: [1, 2], y: [0.25, 0.5] };
  const better = { x: [1, 2], y: [0.5, 0.5], points };
  const base = { x: [1, 2], y: [0.25, 0.625] };
  const found = difference(better, base, 100);
  assert.deepEqual([found.y, found.points.y], [[25, -12.5], [0, -12.5]]);
});

test("the difference of a curve from itself is nothing", () => {
  assert.deepEqual(difference(curve, curve).y, [0, 0, 0]);
});

test("a curve over epochs becomes one over the seconds at their ends", () => {
  const loss = { x: [1, 2, 3], y: [0.9, 0.5, 0.4], scope: "train" };
  const seconds = { x: [1, 2], y: [8, 10] };
  assert.deepEqual(over(loss, seconds), { x: [8, 10], y: [0.9, 0.5], scope: "train" });
});

test("seconds are counted in what people read", () => {
  assert.deepEqual([30, 119, 120, 7199, 7200, 172800].map((seconds) => timeUnit(seconds)[0]), [
    "time", "time", "minutes", "minutes", "hours", "days",
  ]);
});
