// Which Plotly a page has, with a document of the test.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

let scripts, turn = 0;

beforeEach(() => {
  scripts = [];
  globalThis.window = {};
  globalThis.document = {
    baseURI: "http://localhost/compare",
    createElement: () => ({}),
    head: {
      appendChild(script) {
        scripts.push(script.src);
        window.Plotly = "ours";
        script.onload();
      },
    },
  };
});

// A page of its own: the module remembers what it has loaded.
const page = () => import(`../../dlcore/ui/components/plotly.js?${turn++}`);
const own = "/vendor/p.js";
const module = (text) => `data:text/javascript,${encodeURIComponent(text)}`;

test("where Streamlit has none, ours is loaded, once", async () => {
  const { loadPlotly } = await page();
  assert.deepEqual(await Promise.all([loadPlotly({ streamlits: null, own }), loadPlotly({ streamlits: null, own })]), ["ours", "ours"]);
  assert.deepEqual(scripts, ["/vendor/p.js"]);
});

test("that of Streamlit's own charts is taken", async () => {
  const { loadPlotly } = await page();
  assert.equal(await loadPlotly({ streamlits: module('window.Plotly = "theirs";'), own }), "theirs");
  assert.deepEqual(scripts, []);
});

test("if that fails, or says nothing of it, ours is loaded", async () => {
  for (const text of ["throw new Error('broken');", "export default 1;"]) {
    window.Plotly = undefined;
    const { loadPlotly } = await page();
    assert.equal(await loadPlotly({ streamlits: module(text), own }), "ours");
  }
});
