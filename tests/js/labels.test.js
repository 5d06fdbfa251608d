import assert from "node:assert/strict";
import test from "node:test";

import { clipped, spread } from "../../dlcore/ui/components/labels.js";

test("labels that have room stand where they wish", () => {
  assert.deepEqual(spread([10, 50, 90], 15, 100), [10, 50, 90]);
});

test("labels that would meet are pushed apart, in their order", () => {
  assert.deepEqual(spread([52, 50, 51], 15, 200), [80, 50, 65]);
});

test("labels at the bottom are pushed up", () => {
  assert.deepEqual(spread([100, 98, 99], 15, 100), [100, 70, 85]);
});

test("labels at the top stay in sight", () => {
  assert.deepEqual(spread([-20, 0], 15, 100), [0, 15]);
});

test("a long name loses its middle", () => {
  assert.deepEqual([clipped("digits", 6), clipped("digits 1", 6)], ["digits", "dig… 1"]);
});
