// When a page hears that its server is back, by an element and an observer of the test.
import assert from "node:assert/strict";
import test from "node:test";

import { watchConnection } from "../../dlcore/ui/components/reconnect.js";

function watched(...states) {
  const app = { dataset: { testConnectionState: states[0] } };
  const seen = { back: 0, ended: false };
  let changed;
  class Observer {
    constructor(callback) {
      changed = callback;
    }

    observe(element, { attributeFilter }) {
      assert.equal(element, app);
      assert.deepEqual(attributeFilter, ["data-test-connection-state"]);
    }

    disconnect() {
      seen.ended = true;
    }
  }
  const end = watchConnection(app, Observer, () => (seen.back += 1));
  for (const state of states.slice(1)) {
    app.dataset.testConnectionState = state;
    changed();
  }
  return { seen, end };
}

test("a page whose server stays hears nothing", () => {
  assert.equal(watched("CONNECTED", "CONNECTED").seen.back, 0);
});

test("a page hears once that its server is back, however often it was looked for", () => {
  const { seen } = watched("CONNECTED", "PINGING_SERVER", "CONNECTING", "PINGING_SERVER", "CONNECTED", "CONNECTED");
  assert.equal(seen.back, 1);
});

test("a page hears of each time", () => {
  assert.equal(watched("CONNECTED", "CONNECTING", "CONNECTED", "CONNECTING", "CONNECTED").seen.back, 2);
});

test("a page that begins while the server is away hears that it is there", () => {
  assert.equal(watched("CONNECTING", "CONNECTED").seen.back, 1);
});

test("a page that is left no longer looks", () => {
  const { seen, end } = watched("CONNECTED");
  end();
  assert.ok(seen.ended);
});
