// Which layers a chart of signals draws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { byKind, telling } from "../../dlcore/ui/components/signals.js";

const part = (layer, ...y) => ({ name: `gradient_norm/${layer}`, layer, x: y.map((_v, i) => i + 1), y });

test("few layers are all drawn", () => {
  const parts = [part("a", 1), part("b", 2)];
  assert.equal(telling(parts, 12, false), parts);
});

test("of many layers the first, the last and those far from the middle are drawn, in their order", () => {
  const parts = ["a", "b", "c", "d", "e", "f"].map((layer, place) => part(layer, [1, 1, 1e-6, 1.1, 5, 1][place]));
  assert.deepEqual(telling(parts, 3, true).map((one) => one.layer), ["a", "c", "f"]);
  assert.deepEqual(telling(parts, 3, false).map((one) => one.layer), ["a", "e", "f"]);
});

test("a layer without a number is the least telling", () => {
  const parts = [part("a", 1), part("b", null), part("c", 2), part("d", 1)];
  assert.deepEqual(telling(parts, 3, false).map((one) => one.layer), ["a", "c", "d"]);
});

test("curves are told apart by kind, their layers in the order of the model", () => {
  const series = [part("b", 1), part("a", 1), { ...part("a", 0), name: "dead_share/a" }];
  const found = byKind(series, ["a", "b"]);
  assert.deepEqual([...found.keys()], ["gradient_norm", "dead_share"]);
  assert.deepEqual(found.get("gradient_norm").map((one) => one.layer), ["a", "b"]);
});
