import assert from "node:assert/strict";
import test from "node:test";

import { bestEpoch, bestMark, bestPlace, endLabels, margins, rooms, said, sameStretch, valueAt } from "../../dlcore/ui/components/run_figure.js";

const COLORS = { color: "blue", muted: "gray", grid: "silver", ground: "white" };

test("the best point is the first of the best, and what is not finite is none", () => {
  assert.equal(bestPlace([0.2, 0.9, null, 0.9], true), 1);
  assert.equal(bestPlace([NaN, 0.5, 0.4, 0.4, Infinity], false), 2);
  assert.equal(bestPlace([null, NaN], true), -1);
});

test("the best epoch is that of the curve on the validation part", () => {
  const series = new Map([
    ["accuracy|train", { x: [1, 2, 3], y: [0.1, 0.2, 0.99] }],
    ["accuracy|validation", { x: [1, 2, 3], y: [0.5, 0.7, 0.6] }],
  ]);
  assert.deepEqual(bestEpoch(series, { name: "accuracy", higher: true }, "epoch"), { x: 2, epoch: 2 });
  assert.deepEqual(bestEpoch(series, { name: "accuracy", higher: true }, "batch"), { x: 2, epoch: null });
  assert.equal(bestEpoch(series, { name: "loss", higher: false }, "epoch"), null);
});

test("a curve has a value only where it has a point", () => {
  const curve = { x: [10, 20], y: [0.5, 0.25] };
  assert.deepEqual([valueAt(curve, 20), valueAt(curve, 15), valueAt(undefined, 20)], [0.25, undefined, undefined]);
});

test("numbers are said as on the rest of the page", () => {
  assert.deepEqual([said(0.97654, true), said(0.097654321, false), said(1234567, false)], ["97.65%", "0.09765", "1235000"]);
});

test("the machine's strip shows the half of the time for the half of the epochs", () => {
  assert.deepEqual(sameStretch([5, 10], 10, 60), [30, 60]);
  assert.deepEqual(sameStretch([5, 10], 0, 60), [0, 60]);
});

test("a strip lies below the curves, without touching them, on their axis or on its own", () => {
  assert.deepEqual(Object.keys(rooms(null, COLORS)), ["xaxis", "yaxis"]);
  const linked = rooms({ axis: "epoch" }, COLORS), own = rooms({ axis: "time" }, COLORS);
  assert.ok(linked.yaxis2.domain[1] < linked.yaxis.domain[0]);
  assert.deepEqual([linked.yaxis2.anchor, own.yaxis2.anchor, "xaxis2" in linked, "xaxis2" in own], ["x", "x2", false, true]);
});

test("the names of two lines that end together stand one above the other", () => {
  const axes = { yaxis: { range: [0, 1], domain: [0, 1], type: "linear" } };
  const lines = [0.5, 0.5].map((last, i) => ({ name: `line ${i}`, color: "gray", last, axis: "yaxis" }));
  const [upper, lower] = endLabels(lines, axes, 240).map(({ y }) => Math.round(200 * y));
  assert.deepEqual([upper, lower], [100, 85]);
});

test("a name stands beside the end of its line on a logarithmic axis, too", () => {
  const axes = { yaxis: { range: [-2, 0], domain: [0.5, 1], type: "log" } };
  const [label] = endLabels([{ name: "a", color: "gray", last: 0.1, axis: "yaxis" }], axes, 240);
  assert.equal(label.y, 0.75);
});

test("the margin has room for the longest name, of which a sign of Chinese takes two letters", () => {
  assert.equal(margins([]).r, 14);
  assert.equal(margins(["Validation"]).r, 84);
  assert.equal(margins(["验证"]).r, 42);
});

test("the words of the best epoch stay inside the chart", () => {
  const anchor = (x) => bestMark({ x, value: 1, last: 10, text: "Best" }, COLORS, true).words.xanchor;
  assert.deepEqual([1, 5, 10].map(anchor), ["left", "center", "right"]);
});
