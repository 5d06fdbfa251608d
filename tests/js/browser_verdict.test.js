import assert from "node:assert/strict";
import test from "node:test";

import { isAgreed } from "../../dlcore/ui/components/browser_verdict.js";

test("those agree that chose the same classes, in whichever order", () => {
  assert.equal(isAgreed([["3"], ["3"]]), true);
  assert.equal(isAgreed([["a", "b"], ["b", "a"], null]), true);
  assert.equal(isAgreed([["3"], ["8"]]), false);
  assert.equal(isAgreed([[], ["8"]]), false);
});

test("one alone, and those that have not answered, say nothing", () => {
  assert.equal(isAgreed([["3"], null]), null);
  assert.equal(isAgreed([null, null]), null);
});
