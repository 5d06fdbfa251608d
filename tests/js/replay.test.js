import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, momentOf, Player, until, usualSpeed } from "../../dlcore/ui/components/replay.js";

const CLOCK = { x: [1, 2], y: [10, 14] }; // a slow first epoch, with the start of the run in it

test("a place is reached when the recorded clock says so", () => {
  const byEpoch = momentOf(CLOCK, { axis: "epoch", last: 2, seconds: 14 });
  assert.deepEqual([0, 1, 1.5, 2].map(byEpoch), [0, 10, 12, 14]);
  const byBatch = momentOf(CLOCK, { axis: "batch", last: 200, seconds: 14 });
  assert.deepEqual([0, 50, 100, 150, 200].map(byBatch), [0, 5, 10, 12, 14]);
});

test("what is past the last recorded epoch goes on at its speed", () => {
  assert.equal(momentOf(CLOCK, { axis: "epoch", last: 3, seconds: 18 })(3), 18);
});

test("without a clock a run is equally fast", () => {
  const reached = momentOf(undefined, { axis: "batch", last: 50, seconds: 100 });
  assert.deepEqual([0, 25, 50].map(reached), [0, 50, 100]);
  assert.equal(momentOf({ x: [], y: [] }, { axis: "batch", last: 0, seconds: 100 })(0), 0);
});

test("a curve is shown as far as it went, and its means too", () => {
  const part = { name: "loss", x: [1, 2, 3, 4], y: [4, 3, 2, 1], means: { x: [2, 4], y: [3.5, 1.5] } };
  assert.deepEqual(until(part, 3, (x) => x), { name: "loss", x: [1, 2, 3], y: [4, 3, 2], means: { x: [2], y: [3.5] } });
  assert.equal(until(part, 0.5, (x) => x), null);
  assert.deepEqual(until({ ...part, means: null }, 9, (x) => x), { ...part, means: null });
});

test("a replay goes on by itself, is held, moved and hurried, and begins anew once it is over", () => {
  let now = 0;
  const player = new Player(100, 10, () => now);
  assert.deepEqual([player.at, player.plays], [0, false]);
  player.play();
  now = 2000;
  assert.deepEqual([player.at, player.plays], [20, true]);
  player.hurry(20);
  now = 3000;
  assert.equal(player.at, 40);
  player.hold();
  now = 9000;
  assert.deepEqual([player.at, player.plays], [40, false]);
  player.move(90);
  player.play();
  now = 9250;
  assert.equal(player.at, 95);
  now = 60000;
  assert.deepEqual([player.at, player.over, player.plays], [100, true, false]);
  player.play();
  assert.deepEqual([player.at, player.plays], [0, true]);
});

test("a replay takes twenty seconds at most, where a speed is fast enough", () => {
  assert.deepEqual([3, 20, 21, 90, 300, 9000].map(usualSpeed), [1, 1, 2, 5, 20, 20]);
});

test("moments are said as a clock does", () => {
  assert.deepEqual([0, 9.9, 61, 3725].map(clockText), ["0:00", "0:09", "1:01", "1:02:05"]);
});
