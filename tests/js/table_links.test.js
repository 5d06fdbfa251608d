import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = globalThis;
const { destination } = await import("../../dlcore/ui/components/table_links.js");

const HERE = "http://localhost:8501/runs";
const PAGES = ["run", "study", "build"];
const click = { ctrlKey: false, metaKey: false, shiftKey: false, button: 0 };

test("a click on a name opens its page in the same tab", () => {
  assert.deepEqual(destination("run?run=abc#digits", HERE, PAGES, click), { page: "run", query: "run=abc" });
  assert.deepEqual(destination("/app/study?study=x", HERE, PAGES, click), { page: "study", query: "study=x" });
});

test("a click that asks for a new tab gets one", () => {
  for (const wish of [{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { button: 1 }]) {
    assert.equal(destination("run?run=abc", HERE, PAGES, { ...click, ...wish }), null);
  }
});

test("what is elsewhere, or no page of a table, opens as ever", () => {
  for (const url of ["https://example.com/run?run=abc", "runs?q=x", "http://[", "//evil.test/run"]) {
    assert.equal(destination(url, HERE, PAGES, click), null);
  }
});
