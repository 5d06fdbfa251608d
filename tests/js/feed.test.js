// The feed of a page, with a clock and a server of the test.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Feed, SLOWEST } from "../../dlcore/ui/components/feed.js";

let page, server, clock;

class Clock {
  constructor() {
    [this.now, this.timers] = [0, new Map()];
    globalThis.setTimeout = (action, pause) => {
      const key = {};
      this.timers.set(key, { at: this.now + Math.max(0, pause), action });
      return key;
    };
    globalThis.clearTimeout = (key) => this.timers.delete(key);
    Date.now = () => this.now;
  }

  // Lets so many milliseconds pass, and all that follows from each timer.
  async pass(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const due = [...this.timers].filter(([, { at }]) => at <= end).toSorted((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].action();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.now = end;
  }
}

beforeEach(() => {
  clock = new Clock();
  Math.random = () => 0.5; // no jitter
  page = { hidden: false, listeners: [], addEventListener(_name, listener) { this.listeners.push(listener); }, removeEventListener() {} };
  server = { requests: [], answer: () => null };
  globalThis.document = page;
  globalThis.window = {};
  globalThis.fetch = async (url) => {
    const asks = new URLSearchParams(url.split("?")[1]).getAll("ask");
    server.requests.push({ at: clock.now, asks, length: url.length });
    const answers = server.answer(asks);
    if (answers === "away") throw new TypeError("Failed to fetch");
    return { ok: true, status: answers ? 200 : 204, json: async () => answers };
  };
});

const part = (ask, every = 1000) => ({ every, language: "en", taken: [], ask() { return ask; }, take(answer) { this.taken.push(answer); } });

test("parts that are drawn together ask in one request, and each gets what came for it", async () => {
  const feed = new Feed(), [one, other] = [part("run:a:"), part("curves:a:batch:0")];
  server.answer = () => [{ n: 1 }, { n: 2 }];
  feed.join(one);
  feed.join(other);
  await clock.pass(100);
  assert.deepEqual(server.requests.map(({ asks }) => asks), [["run:a:", "curves:a:batch:0"]]);
  assert.deepEqual([one.taken, other.taken], [[{ n: 1 }], [{ n: 2 }]]);
});

test("a page asks once a second, in step with the clock", async () => {
  const feed = new Feed();
  feed.join(part("run:a:", 1000));
  feed.join(part("status::", 5000));
  await clock.pass(10_500);
  assert.deepEqual(server.requests.map(({ at }) => at - server.requests[0].at), [...Array(11).keys()].map((n) => 1000 * n));
});

test("where nothing moves it asks as seldom as its parts do", async () => {
  const feed = new Feed();
  feed.join(part("status::", 5000));
  await clock.pass(10_500);
  assert.equal(server.requests.length, 3);
});

test("what came for a part that has moved on, or left, is dropped", async () => {
  const feed = new Feed(), [moved, left] = [part("log:a:0"), part("log:b:0")];
  server.answer = () => {
    moved.ask = () => "log:c:0";
    feed.leave(left);
    return [{ n: 1 }, { n: 2 }];
  };
  feed.join(moved);
  feed.join(left);
  await clock.pass(100);
  assert.deepEqual([moved.taken, left.taken], [[], []]);
});

test("a part that has nothing to ask is left out, and without any the page is silent", async () => {
  const feed = new Feed(), ended = part(null), going = part("run:a:");
  feed.join(ended);
  await clock.pass(3000);
  assert.equal(server.requests.length, 0);
  feed.join(going);
  await clock.pass(100);
  assert.deepEqual(server.requests[0].asks, ["run:a:"]);
});

test("a hidden page asks nothing, and at once when it is shown", async () => {
  const feed = new Feed();
  feed.join(part("run:a:"));
  await clock.pass(100);
  page.hidden = true;
  await clock.pass(60_000);
  assert.equal(server.requests.length, 1);
  page.hidden = false;
  page.listeners.forEach((listener) => listener());
  await clock.pass(100);
  assert.equal(server.requests.length, 2);
});

test("while the server is away it is asked less often, and then as before", async () => {
  const feed = new Feed(), one = part("run:a:");
  server.answer = () => "away";
  feed.join(one);
  await clock.pass(60_000);
  const pauses = server.requests.slice(1).map(({ at }, place) => at - server.requests[place].at);
  assert.deepEqual(pauses.slice(0, 4), [2000, 4000, SLOWEST, SLOWEST]);
  server.answer = () => [{ n: 1 }];
  server.requests = [];
  await clock.pass(SLOWEST + 2000);
  assert.ok(server.requests.length >= 3);
  assert.ok(one.taken.length >= 3);
});

test("a part that fails does not stop the others", async () => {
  const feed = new Feed(), [broken, fine] = [part("run:a:"), part("run:b:")];
  const said = [];
  console.error = (error) => said.push(error.message);
  broken.take = () => { throw new Error("broken"); };
  server.answer = () => [{ n: 1 }, { n: 2 }];
  feed.join(broken);
  feed.join(fine);
  await clock.pass(1100);
  assert.deepEqual([said, fine.taken.length], [["broken", "broken"], 2]);
});

test("very many parts ask in several requests, none larger than the server takes", async () => {
  const feed = new Feed(), parts = Array.from({ length: 270 }, (_, i) => part(`curves:${i}:batch:0`));
  server.answer = (asks) => asks.map((ask) => ({ ask }));
  for (const one of parts) feed.join(one);
  await clock.pass(100);
  assert.deepEqual(server.requests.map(({ asks }) => asks.length), [128, 128, 14]);
  assert.deepEqual(parts.map(({ taken }) => taken), parts.map((one) => [{ ask: one.ask() }]));
});

test("a hundred curves of a comparison are asked for in one request", async () => {
  const feed = new Feed(), id = (i) => String(i).padStart(10, "a");
  for (let i = 0; i < 100; i++) feed.join(part(`curves:${id(i)}:epoch:100:accuracy:loss:1000000000`));
  await clock.pass(100);
  assert.deepEqual(server.requests.map(({ asks }) => asks.length), [100]);
});

test("no address is longer than a server between takes", async () => {
  const feed = new Feed(), long = "x".repeat(180);
  for (let i = 0; i < 100; i++) feed.join(part(`curves:${i}:${long}:0`));
  await clock.pass(100);
  assert.ok(server.requests.every(({ length }) => length < 8000));
  assert.equal(server.requests.flatMap(({ asks }) => asks).length, 100);
});

test("who comes while an answer is on its way does not wait for the next tick", async () => {
  const feed = new Feed(), first = part("status::", 5000), late = part("curves:a:batch:0");
  server.answer = () => {
    feed.join(late);
    return null;
  };
  feed.join(first);
  await clock.pass(150);
  assert.deepEqual(server.requests[1]?.asks, ["status::", "curves:a:batch:0"]);
});
