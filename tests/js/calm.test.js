// When news may run the page's script, by a clock and a page of the test.
import assert from "node:assert/strict";
import test from "node:test";

const heard = {};
const state = { testScriptState: "notRunning" };
globalThis.addEventListener = (kind, listener, capture) => {
  assert.equal(capture, true); // before whatever keeps it from going on
  heard[kind] = listener;
};
globalThis.document = { querySelector: () => ({ dataset: state }) };
let now = 5_000;
Date.now = () => now;
const { untilCalm } = await import("../../dlcore/ui/components/calm.js");

test("a page that is left alone may run at once", () => {
  assert.equal(untilCalm(), 0);
});

test("what a click or a key has asked for has a second to begin", () => {
  for (const kind of ["pointerdown", "click", "keydown"]) {
    heard[kind]();
    now += 400;
    assert.equal(untilCalm(), 600);
    now += 600;
    assert.equal(untilCalm(), 0);
  }
});

test("a script that runs is not broken off", () => {
  state.testScriptState = "running";
  assert.ok(untilCalm() > 0);
  state.testScriptState = "notRunning";
  assert.equal(untilCalm(), 0);
});
