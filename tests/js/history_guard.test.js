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

// A window whose history is a list of addresses, and which can be clicked.
function browser(start) {
  const entries = [new URL(start, "http://here/").href];
  const listeners = {};
  const at = (url) => new URL(url ?? entries.at(-1), entries.at(-1)).href;
  return {
    entries,
    location: { get href() { return entries.at(-1); } },
    history: {
      pushState: (_state, _title, url) => { entries.push(at(url)); },
      replaceState: (_state, _title, url) => { entries.splice(-1, 1, at(url)); },
    },
    addEventListener: (name, listener) => { listeners[name] = listener; },
    click: () => listeners.click(),
  };
}

// The history of somebody who began at an address, after what Streamlit wrote into it; "click" is the reader's.
function after(start, ...events) {
  const window = browser(start);
  guardHistory(window);
  for (const event of events) {
    if (event === "click") window.click();
    else window.history.pushState({}, "", event);
  }
  return window.entries.map((url) => url.replace("http://here", ""));
}

test("only steps make an entry", () => {
  assert.deepEqual(after("/run?run=a", "/run?run=a&view=log", "/run?run=b", undefined), [
    "/run?run=a&view=log", "/run?run=b",
  ]);
});

test("parameters of the next page that come before its path are not left in this page's address", () => {
  assert.deepEqual(after("/data?view=pixels&draft=a", "click", "/data?draft=a", "/build?draft=a"), [
    "/data?view=pixels&draft=a", "/build?draft=a",
  ]);
  assert.deepEqual(after("/study?study=s", "click", "/study?run=b", "/run?run=b"), ["/study?study=s", "/run?run=b"]);
});

test("what this page is about stays in its address when that is emptied for the next page", () => {
  assert.deepEqual(after("/run?run=a", "click", "/run", "/build"), ["/run?run=a", "/build"]);
  assert.deepEqual(after("/run?run=a", "click", "/run", "/run?draft=b", "/build?draft=b"), [
    "/run?run=a", "/build?draft=b",
  ]);
});

test("nor do they make an entry of their own", () => {
  assert.deepEqual(after("/data?draft=a", "click", "/data?draft=b", "/build?draft=b"), [
    "/data?draft=a", "/build?draft=b",
  ]);
});

test("a page's own parameters stay when the next page has the same", () => {
  assert.deepEqual(after("/data", "/data?draft=a", "click", "/build?draft=a"), ["/data?draft=a", "/build?draft=a"]);
  assert.deepEqual(after("/data", "/data?draft=a", "click", "/build"), ["/data?draft=a", "/build"]);
});

test("the address without a page is left behind by the page it leads to", () => {
  assert.deepEqual(after("/", "/runs"), ["/runs"]);
  assert.deepEqual(after("/app/", "/app/new", "click", "/app/datasets"), ["/app/new", "/app/datasets"]);
});
