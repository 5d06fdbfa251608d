import assert from "node:assert/strict";
import test from "node:test";

import { guardHistory, isStep } from "../../dlcore/ui/components/history_guard.js";

const step = (from, to) => isStep(new URL(from, "http://here/"), new URL(to, "http://here/"));

test("another page is a step back", () => assert.equal(step("/run?run=a", "/runs"), true));
test("another run of the same page is one, too", () => assert.equal(step("/run?run=a", "/run?run=b"), true));
test("what a page adds to its own address is none", () => {
  assert.equal(step("/run?run=a", "/run?run=a&view=log"), false);
  assert.equal(step("/run", "/run?run=a"), false);
});

test("only steps make an entry", () => {
  const location = { href: "http://here/run?run=a" };
  const calls = [];
  const history = Object.fromEntries(
    ["pushState", "replaceState"].map((name) => [name, (_state, _title, url) => calls.push([name, url])]),
  );
  guardHistory(history, location);
  history.pushState({}, "", "/run?run=a&view=log");
  history.pushState({}, "", "/run?run=b");
  history.pushState({}, "");
  assert.deepEqual(calls, [
    ["replaceState", "/run?run=a&view=log"],
    ["pushState", "/run?run=b"],
    ["replaceState", undefined],
  ]);
});
