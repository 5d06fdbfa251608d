// When a page is drawn anew because its server is back, by an element and an observer of the test.
import assert from "node:assert/strict";
import test from "node:test";

import { Reconnection } from "../../dlcore/ui/components/reconnect.js";

// Returns a page's root element that notes these changes one by one, and how often it was asked to be drawn.
function page(context, state = "CONNECTED") {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const app = { dataset: { testConnectionState: state, testScriptState: "notRunning" }, inert: false };
  const found = { app, asked: 0, told: [] };
  class Observer {
    constructor(changed) {
      found.changed = changed;
    }

    observe(element, { attributeFilter }) {
      assert.equal(element, app);
      assert.deepEqual(attributeFilter, ["data-test-connection-state", "data-test-script-state"]);
    }
  }
  const one = new Reconnection(app, Observer);
  one.back = () => (found.asked += 1);
  one.tell = (away) => void found.told.push(away);
  found.notes = (name, ...values) => {
    for (const value of values) {
      app.dataset[name] = value;
      found.changed();
    }
  };
  return found;
}

test("a page whose server stays is left alone", (context) => {
  const one = page(context);
  one.notes("testScriptState", "running", "notRunning");
  assert.deepEqual([one.asked, one.app.inert], [0, false]);
});

test("a page is drawn once when its server is back, and takes no clicks until it is", (context) => {
  const one = page(context);
  one.notes("testConnectionState", "PINGING_SERVER", "CONNECTING", "PINGING_SERVER");
  assert.deepEqual([one.asked, one.app.inert], [0, false]); // Streamlit takes none while the server is away
  one.notes("testConnectionState", "CONNECTED");
  assert.deepEqual([one.asked, one.app.inert], [1, true]);
  one.notes("testScriptState", "running");
  assert.equal(one.app.inert, true);
  one.notes("testScriptState", "notRunning", "running", "notRunning");
  assert.deepEqual([one.asked, one.app.inert], [1, false]);
});

test("a server that goes while it draws the page, and comes back, draws it again", (context) => {
  const one = page(context);
  one.notes("testConnectionState", "CONNECTING", "CONNECTED");
  one.notes("testScriptState", "running");
  one.notes("testConnectionState", "CONNECTING");
  assert.equal(one.app.inert, false);
  one.notes("testConnectionState", "CONNECTED");
  assert.deepEqual([one.asked, one.app.inert], [2, true]);
  one.notes("testScriptState", "notRunning");
  assert.equal(one.app.inert, false);
});

test("a page that is not drawn takes clicks again after a while", (context) => {
  const one = page(context);
  one.notes("testConnectionState", "CONNECTING", "CONNECTED");
  context.mock.timers.tick(9_999);
  assert.equal(one.app.inert, true);
  context.mock.timers.tick(1);
  assert.equal(one.app.inert, false);
});

test("a page that begins while the server is away is drawn when it is there", (context) => {
  const one = page(context, "CONNECTING");
  one.notes("testConnectionState", "CONNECTED");
  assert.equal(one.asked, 1);
});

test("a reader is told after a moment that the server is away, until it is back", (context) => {
  const one = page(context);
  one.notes("testConnectionState", "PINGING_SERVER", "CONNECTING");
  context.mock.timers.tick(999);
  assert.deepEqual(one.told, []);
  one.notes("testConnectionState", "PINGING_SERVER");
  context.mock.timers.tick(1);
  assert.deepEqual(one.told, [true]);
  one.notes("testConnectionState", "CONNECTING", "CONNECTED");
  assert.deepEqual(one.told, [true, false]);
  one.notes("testConnectionState", "CONNECTING");
  context.mock.timers.tick(1_000);
  assert.deepEqual(one.told, [true, false, true]);
});

test("of a connection that is back at once nothing is said", (context) => {
  const one = page(context);
  one.notes("testConnectionState", "CONNECTING", "CONNECTED");
  context.mock.timers.tick(5_000);
  assert.ok(!one.told.includes(true));
});
