import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Windows } from "../../dlcore/ui/components/windows.js";

const part = (y) => ({ name: "loss", scope: "train", x: [1], y: [y], means: null });
const zoom = { "xaxis.range[0]": 1, "xaxis.range[1]": 2 };
const wish = { name: "loss", axis: "batch", ids: ["a", "b"], buckets: 100 };
let asked, answers;

beforeEach(() => {
  [asked, answers] = [[], []];
  globalThis.fetch = (url) => {
    asked.push(url);
    return new Promise((resolve) => answers.push((runs) => resolve({ ok: runs !== null, json: async () => ({ runs }) })));
  };
});

test("a zoom fetches the window of all thinned curves in one request", async () => {
  const windows = new Windows(), done = windows.follow(zoom, wish);
  answers[0]({ a: [part(5)], b: [] });
  assert.equal(await done, true);
  assert.deepEqual(asked, ["/api/window?run=a&run=b&name=loss&axis=batch&low=1&high=2&buckets=100"]);
  assert.equal(windows.of("a", part(0)).y[0], 5);
  assert.equal(windows.of("b", part(0)), undefined);
});

test("who zooms on gets the last window, whichever comes first", async () => {
  const windows = new Windows();
  const [first, second] = [windows.follow(zoom, wish), windows.follow(zoom, wish)];
  answers[1]({ a: [part(2)] });
  assert.equal(await second, true);
  answers[0]({ a: [part(1)] });
  assert.equal(await first, false);
  assert.equal(windows.of("a", part(0)).y[0], 2);
});

test("a chart that shows all again has no window any more, nor gets one that is on its way", async () => {
  const windows = new Windows(), late = windows.follow(zoom, wish);
  assert.equal(await windows.follow({ "xaxis.autorange": true }, wish), false);
  answers[0]({ a: [part(1)] });
  assert.equal(await late, false);
  assert.equal(windows.of("a", part(0)), undefined);
});

test("another change of a chart fetches nothing, nor does a zoom where no curve is thinned", async () => {
  const windows = new Windows();
  assert.equal(await windows.follow({ "yaxis.range[0]": 1 }, wish), false);
  assert.equal(await windows.follow(zoom, { ...wish, ids: [] }), false);
  assert.deepEqual(asked, []);
});

test("a window that cannot be fetched leaves the curve as it is", async () => {
  const windows = new Windows(), done = windows.follow(zoom, wish);
  answers[0](null);
  assert.equal(await done, false);
});
