import assert from "node:assert/strict";
import test from "node:test";

import { History, improved, numbers, peaks } from "../../dlcore/ui/components/history.js";
import { wholeTicks } from "../../dlcore/ui/components/plotly.js";

const NAMES = ["complete", "best", "pruned", "pruned", "beyond", "bad", "failed"];
const BLANK = NAMES.map((name, place) => ({
  mode: name === "best" ? "lines" : "markers", legendgroup: name, yaxis: place === 3 || name === "failed" ? "y2" : undefined,
}));
const LIVE = { objective: 0, sign: 1, edge: 0.98, by_time: false, began: null, unit: 1 };

function history(live = {}, layout = {}) {
  return new History({ figure: { data: [], layout }, blank: BLANK, live: { ...LIVE, ...live } });
}

function trial(number, value, more = {}) {
  const values = value === null ? [] : [value];
  return { number, state: "complete", values, bad: false, beyond: false, started: null, at: 0, ...more };
}

const best = ({ groups }) => groups.best.x.map((x, i) => [x, groups.best.y[i], groups.best.of[i]]);

test("the first trial is the best until a better one comes", () => {
  const found = history();
  assert.equal(found.take([trial(0, 0.5), trial(1, 0.7), trial(2, 0.3)]), "changed");
  assert.deepEqual(best(found), [[0, 0.5, 0], [2, 0.3, 2]]);
});

test("the line of the best goes on to the last complete trial, and to no other", () => {
  const found = history();
  found.take([trial(0, 0.5), trial(1, 0.7), trial(2, 0.9, { bad: true })]);
  assert.deepEqual(best(found), [[0, 0.5, 0], [2, 0.5, 0]]);
  found.take([trial(3, null, { state: "fail" }), trial(4, 0.1, { state: "pruned" })]);
  assert.deepEqual(best(found), [[0, 0.5, 0], [2, 0.5, 0]]);
});

test("a trial that ends late takes its place among the steps", () => {
  const steps = [{ x: 0, y: 5, of: 0 }, { x: 4, y: 3, of: 4 }, { x: 6, y: 1, of: 6 }];
  assert.deepEqual(improved(steps, { x: 2, y: 2, of: 2 }, 1).map((step) => step.of), [0, 2, 6]);
  assert.equal(improved(steps, { x: 5, y: 4, of: 5 }, 1), steps);
  assert.deepEqual(improved(steps, { x: 2, y: 9, of: 2 }, -1).map((step) => step.of), [0, 2]);
});

test("of equal trials the first is the best", () => {
  const steps = [{ x: 0, y: 5, of: 0 }];
  assert.equal(improved(steps, { x: 1, y: 5, of: 1 }, 1), steps);
});

test("trials without a value stand at the edge that the server chose", () => {
  const found = history({ edge: 0.98 });
  found.take([trial(0, null, { state: "fail" }), trial(1, null, { state: "pruned" })]);
  assert.deepEqual([found.groups.failed.y, found.groups.without.y], [[0.98], [0.98]]);
});

test("a complete trial without a number is left out", () => {
  const found = history();
  assert.equal(found.take([trial(0, null)]), "same");
  assert.deepEqual(found.traces(), []);
});

test("a running trial appears when it has ended", () => {
  const found = history();
  assert.equal(found.take([trial(0, 0.9, { state: "running" })]), "same");
  assert.equal(found.take([trial(0, 0.5)]), "changed");
  assert.deepEqual(found.groups.counting.of, [0]);
});

test("a trial that is marked as bad moves, and one that was the best makes the line stale", () => {
  const found = history();
  found.take([trial(0, 0.5), trial(1, 0.7)]);
  assert.equal(found.take([trial(1, 0.7, { bad: true })]), "changed");
  assert.deepEqual([found.groups.counting.of, found.groups.bad.of], [[0], [1]]);
  assert.equal(found.take([trial(0, 0.5, { bad: true })]), "stale");
});

test("over time trials stand where they ended after the first one began", () => {
  const found = history({ by_time: true, unit: 60 });
  found.take([trial(1, 0.4, { started: 110, at: 160 }), trial(0, 0.5, { started: 100, at: 220 })]);
  assert.deepEqual(found.groups.counting.x, [1, 2]);
});

test("the last trial is the rightmost of any group", () => {
  const found = history();
  assert.equal(found.last, 0);
  found.take([trial(5, 0.1, { state: "pruned" }), trial(2, 0.5)]);
  assert.equal(found.last, 5);
});

test("few trials are counted in whole numbers", () => {
  assert.deepEqual(wholeTicks(3), { tick0: 0, dtick: 1 });
  assert.deepEqual(wholeTicks(200), {});
});

test("a chosen view makes room for a better value, and a logarithmic one is left alone", () => {
  const found = history({}, { yaxis: { range: [0, 1] } });
  found.take([trial(0, -1)]);
  assert.deepEqual(found.range, [-1.05, 1]);
  assert.equal(history({}, { yaxis: { range: [0, 1], type: "log" } }).range, null);
});

test("many points of a group are thinned to those that stand out", () => {
  const found = history();
  const spike = 1_234;
  found.take(Array.from({ length: 5_000 }, (_, i) => trial(i, i === spike ? 9 : 0.5 + i / 1e6)));
  const { of, y } = found.groups.counting;
  assert.ok(of.length <= 4_000);
  assert.equal(y[of.indexOf(spike)], 9);
});

test("of each stretch the lowest and the highest are kept, in their order", () => {
  assert.deepEqual(peaks([5, 1, 3, 9, 2, 2], 4), [0, 1, 3, 4]);
  assert.deepEqual(peaks([5, 1], 4), [0, 1]);
});

test("a column of a figure comes as a list or in base64", () => {
  assert.deepEqual(numbers([[3], [4]]), [3, 4]);
  assert.deepEqual(numbers({ dtype: "f8", bdata: Buffer.from(new Float64Array([1.5, -2]).buffer).toString("base64") }), [1.5, -2]);
  assert.deepEqual(numbers(undefined), []);
});
