// What a chart follows of a run, with answers of the test.
import assert from "node:assert/strict";
import { test } from "node:test";

import { RunCurves } from "../../dlcore/ui/components/run_curves.js";

const chart = { data: { interval: 1000, language: "en" } };
const followed = (took = () => {}) => new RunCurves(chart, () => "a:batch:100:loss", took);
const answer = (more) => ({ attempt: 1, cursor: 7, live: true, whole: true, series: [], ...more });
const loss = { name: "loss", scope: "train", x: [1], y: [0.5], means: null };

test("curves are asked for by subject and cursor, as often as their chart wants", () => {
  const curves = followed();
  assert.deepEqual([curves.ask(), curves.every, curves.language], ["curves:a:batch:100:loss:0", 1000, "en"]);
  curves.take(answer({ series: [loss] }));
  assert.equal(curves.ask(), "curves:a:batch:100:loss:7");
  assert.deepEqual(curves.series.get("loss|train").y, [0.5]);
});

test("a chart is told of its first answer and of what is new, not of nothing", () => {
  let told = 0;
  const curves = followed(() => { told += 1; });
  curves.take(answer({ whole: false }));
  curves.take(answer({ whole: false }));
  curves.take(answer({ whole: false, series: [loss] }));
  assert.equal(told, 2);
});

test("curves of a run that has ended, or is gone, are not asked for again", () => {
  const [ended, gone] = [followed(), followed()];
  ended.take(answer({ live: false, series: [loss] }));
  gone.take({ gone: true });
  assert.deepEqual([ended.ask(), gone.ask()], [null, null]);
});
