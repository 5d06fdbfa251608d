import assert from "node:assert/strict";
import test from "node:test";

import { Notifier } from "../../dlcore/ui/components/notifications.js";

const DATA = { topic: "alerts", language: "en", interval: 10 };
const alert = (number) => ({ number, address: `/run?run=r${number}`, title: `run ${number}`, text: "It has finished." });

// A window whose server has some alerts, and whose reader answers the browser's question.
function browser({ answer = "granted", permission = "default" } = {}) {
  const kept = new Map(), told = [], asked = [];
  class Notification {
    constructor(title, options) {
      told.push([title, options.body, options.tag]);
    }
  }
  Object.assign(Notification, { permission, requestPermission: async () => (Notification.permission = answer) });
  const here = {
    Notification, told, asked, alerts: [], timers: 0,
    localStorage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) },
    setInterval: () => (here.timers += 1),
    clearInterval: () => (here.timers -= 1),
    fetch: async (url) => {
      asked.push(url);
      return { status: 200, json: async () => [{ tag: "t", view: here.alerts }] };
    },
  };
  return here;
}

test("nothing is asked of the browser or of the server until somebody wants it", async () => {
  const here = browser(), one = new Notifier(here);
  one.update(DATA);
  await one.look();
  assert.deepEqual([one.on, here.timers, here.asked, here.Notification.permission], [false, 0, [], "default"]);
});

test("alerts that come after the click are told, each once and the oldest first", async () => {
  const here = browser(), one = new Notifier(here);
  one.update(DATA);
  here.alerts = [alert(3)];
  await one.toggle();
  await one.look();
  assert.deepEqual(here.told, []);
  here.alerts = [alert(5), alert(4), alert(3)];
  await one.look();
  await one.look();
  assert.deepEqual(here.told, [
    ["run 4", "It has finished.", "dlstudio-4"],
    ["run 5", "It has finished.", "dlstudio-5"],
  ]);
  assert.equal(here.asked.at(-1), "/api/feed?ask=alerts%3A%3At&lang=en");
});

test("a reader who refuses is not notified", async () => {
  const here = browser({ answer: "denied" }), one = new Notifier(here);
  one.update(DATA);
  await one.toggle();
  assert.deepEqual([one.on, one.permission, here.timers], [false, "denied", 0]);
});

test("a second click ends it, and a page that is opened later goes on by itself", async () => {
  const here = browser(), one = new Notifier(here);
  one.update(DATA);
  await one.toggle();
  const later = new Notifier(here);
  later.update(DATA);
  assert.deepEqual([one.on, later.on, here.timers], [true, true, 2]);
  await one.toggle();
  assert.deepEqual([one.on, later.on, here.timers], [false, false, 1]);
});

test("a server that is away is asked again later", async () => {
  const here = browser(), one = new Notifier(here);
  one.update(DATA);
  await one.toggle();
  here.fetch = async () => { throw new TypeError("away"); };
  await one.look();
  assert.deepEqual([one.on, here.told], [true, []]);
});

test("a browser without notifications offers none", () => {
  const one = new Notifier({});
  assert.deepEqual([one.supported, one.permission], [false, "denied"]);
});
