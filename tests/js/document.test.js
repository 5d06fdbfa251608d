import assert from "node:assert/strict";
import test from "node:test";

import { isStep } from "../../dlcore/ui/components/document.js";

const step = (from, to) => isStep(new URL(from, "http://here/"), new URL(to, "http://here/"));

test("another page is a step back", () => assert.equal(step("/run?run=a", "/runs"), true));
test("another run of the same page is one, too", () => assert.equal(step("/run?run=a", "/run?run=b"), true));
test("what a page adds to its own address is none", () => {
  assert.equal(step("/run?run=a", "/run?run=a&view=log"), false);
  assert.equal(step("/run", "/run?run=a"), false);
});
