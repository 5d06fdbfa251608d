// Which Plotly a page has, with a document of the test.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

let scripts, link, turn = 0;

beforeEach(() => {
  [scripts, link] = [[], null];
  globalThis.window = {};
  globalThis.document = {
    querySelector: () => link,
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
const module = (text) => ({ href: `data:text/javascript,${encodeURIComponent(text)}` });

test("a page without a chart of Streamlit's loads our Plotly, once", async () => {
  const { loadPlotly } = await page();
  assert.deepEqual(await Promise.all([loadPlotly("/vendor/p.js"), loadPlotly("/vendor/p.js")]), ["ours", "ours"]);
  assert.deepEqual(scripts, ["/vendor/p.js"]);
});

test("where Streamlit is loading its own, that one is taken", async () => {
  link = module('window.Plotly = "theirs";');
  const { loadPlotly } = await page();
  assert.equal(await loadPlotly("/vendor/p.js"), "theirs");
  assert.deepEqual(scripts, []);
});

test("if that fails, or says nothing of it, ours is loaded", async () => {
  for (const text of ["throw new Error('broken');", "export default 1;"]) {
    [link, window.Plotly] = [module(text), undefined];
    const { loadPlotly } = await page();
    assert.equal(await loadPlotly("/vendor/p.js"), "ours");
  }
});
