import assert from "node:assert/strict";
import test from "node:test";

import { give, listen } from "../../dlcore/ui/components/given.js";

test("what is given is heard on its channel alone, also by those who come later, until they end", () => {
  const [early, late] = [[], []];
  const end = listen("a", (given) => early.push(given));
  give("a", 1);
  give("b", 2);
  listen("a", (given) => late.push(given));
  give("a", null);
  end();
  give("a", 3);
  assert.deepEqual([early, late], [[null, 1, null], [1, null, 3]]);
});
