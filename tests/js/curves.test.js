import assert from "node:assert/strict";
import test from "node:test";

import { averages, Curves, extended, extremes, fineness, smooth } from "../../dlcore/ui/components/curves.js";

const range = (count, value) => Array.from({ length: count }, (_, i) => value(i));
const answer = (more) => ({ attempt: 1, cursor: 1, live: true, whole: false, series: [], ...more });
const loss = (x, y, means = null) => ({ name: "loss", scope: "train", x, y, means });

test("each range keeps its lowest and its highest value", () => {
  const curve = { x: [1, 2, 3, 4, 5, 6], y: [3, 1, 2, 9, 9, 6] };
  assert.deepEqual(extremes(curve, 2), { x: [1, 3, 4, 6], y: [1, 3, 6, 9] });
});

test("a range without a number has none, and one without points is left out", () => {
  const curve = { x: [0, 1, 9, 10], y: [null, null, 5, 7] };
  assert.deepEqual(extremes(curve, 5), { x: [0, 1, 9, 10], y: [null, null, 5, 7] });
  assert.deepEqual(averages(curve, 5), { x: [1, 10], y: [null, (8 * 5 + 1 * 7) / 9] });
});

test("a mean counts a point as often as it stands for others", () => {
  // The second point stands for three batches, as in a curve that was thinned before.
  assert.deepEqual(averages({ x: [1, 4], y: [1, 5] }, 1), { x: [4], y: [(1 + 3 * 5) / 4] });
});

test("a short curve grows by what is new", () => {
  const grown = extended(loss([1, 2], [5, 4]), loss([3], [3]));
  assert.deepEqual([grown.x, grown.y, grown.means], [[1, 2, 3], [5, 4, 3], null]);
});

test("a curve that was thinned goes on with what is new, in its means too", () => {
  const grown = extended(loss([1, 9], [0, 8], { x: [9], y: [3] }), loss([10], [6]));
  assert.deepEqual([grown.x, grown.y], [[1, 9, 10], [0, 8, 6]]);
  assert.deepEqual(grown.means, { x: [9, 10], y: [3, 6] });
});

test("news that come thinned leave a curve with means", () => {
  const grown = extended(loss([1], [5]), loss([2, 9], [1, 7], { x: [9], y: [2] }));
  assert.deepEqual(grown.means, { x: [1, 9], y: [5, 2] });
});

test("a curve that is long is thinned, and no spike is lost", () => {
  for (const place of [0, 1, 777, 9_998, 9_999]) {
    let curve = loss([], []);
    for (let first = 0; first < 10_000; first += 10) {
      const x = range(10, (i) => first + i);
      curve = extended(curve, loss(x, x.map((at) => (at === place ? 99 : 0.5))), 100);
      assert.ok(curve.x.length <= 400);
    }
    assert.equal(Math.max(...curve.y), 99);
    assert.deepEqual([curve.x[0], curve.x.at(-1)], [0, 9_999]);
    assert.ok(Math.max(...curve.means.y.slice(0, -200)) < 99);
  }
});

test("smoothing by nothing leaves a curve as it is", () => {
  assert.deepEqual(smooth({ x: [1, 2], y: [3, 5] }, 0), [3, 5]);
});

test("a short curve is smoothed point by point, and begins with its first value", () => {
  // Of the second value half counts, of the first a quarter; the rest would be of a past that is not there.
  assert.deepEqual(smooth({ x: [1, 2], y: [4, 8] }, 0.5), [4, (0.25 * 4 + 0.5 * 8) / 0.75]);
});

test("a constant stays one, however it is smoothed and spaced", () => {
  for (const value of smooth({ x: [1, 2, 30, 31], y: [2, 2, 2, 2] }, 0.9)) assert.ok(Math.abs(value - 2) < 1e-12);
});

test("what is no number stays none and does not spoil what follows", () => {
  const smoothed = smooth({ x: [1, 2, 3], y: [2, null, 2] }, 0.5);
  assert.equal(smoothed[1], null);
  assert.ok(Math.abs(smoothed[2] - 2) < 1e-12);
});

test("a curve and what it was thinned to look alike when they are smoothed", () => {
  const x = range(8_000, (i) => i), y = x.map((at) => Math.sin(at / 800) + (at % 8 === 0 ? 4 : 0));
  const full = smooth({ x, y }, 0.9), thin = averages({ x, y });
  const thinned = smooth(thin, 0.9);
  for (const place of [200, 500, 900]) {
    assert.ok(Math.abs(thinned[place] - full[thin.x[place]]) < 0.1, `at ${place}`);
  }
});

test("points of one place can be smoothed", () => {
  assert.deepEqual(smooth({ x: [3], y: [7] }, 0.9).map((value) => Math.round(value * 1e9) / 1e9), [7]);
});

test("answers add to the curves they name", () => {
  const curves = new Curves();
  assert.equal(curves.take(answer({ whole: true, cursor: 5, series: [loss([1], [3])] })), true);
  assert.equal(curves.take(answer({ cursor: 6, series: [loss([2], [2])] })), true);
  assert.equal(curves.take(answer({ cursor: 6 })), false);
  assert.equal(curves.cursor, 6);
  assert.deepEqual(curves.series.get("loss|train").x, [1, 2]);
});

test("an answer with all there is replaces what was there", () => {
  const curves = new Curves();
  curves.take(answer({ whole: true, series: [loss([1], [3])] }));
  curves.take(answer({ whole: true, cursor: 9, series: [loss([1, 2], [3, 2])] }));
  assert.deepEqual(curves.series.get("loss|train").x, [1, 2]);
});

test("with another attempt, which may have gone back, all is asked for anew", () => {
  const curves = new Curves();
  curves.take(answer({ whole: true, cursor: 9, series: [loss([1, 2, 3], [3, 2, 1])] }));
  assert.equal(curves.take(answer({ attempt: 2, cursor: 12, series: [loss([2], [8])] })), false);
  assert.equal(curves.cursor, 0);
  assert.equal(curves.take(answer({ attempt: 2, whole: true, cursor: 12, series: [loss([1, 2], [3, 8])] })), true);
  assert.deepEqual(curves.series.get("loss|train").y, [3, 8]);
});

test("the more curves a chart has, the coarser they are, within limits", () => {
  assert.deepEqual([1, 12, 24, 100, 1_000].map(fineness), [1_000, 1_000, 500, 120, 100]);
});

test("a curve among many stays as short as it was asked for", () => {
  const curves = new Curves(100);
  const x = range(500, (i) => i);
  curves.take(answer({ whole: true, series: [loss(x.slice(0, 250), x.slice(0, 250))] }));
  curves.take(answer({ series: [loss(x.slice(250), x.slice(250))] }));
  assert.ok(curves.series.get("loss|train").x.length <= 200);
});

test("what has ended and was taken is whole; what has to be asked for anew is not", () => {
  const curves = new Curves();
  const last = answer({ live: false, whole: true, cursor: 7 });
  curves.take(last);
  assert.equal(curves.isWhole(last), true);
  assert.equal(curves.isWhole({ ...last, live: true }), false);
  const resumed = answer({ attempt: 2, live: false, cursor: 9 });
  curves.take(resumed);
  assert.equal(curves.isWhole(resumed), false);
});
