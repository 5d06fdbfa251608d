import assert from "node:assert/strict";
import test from "node:test";

import { chosenOf, Model, valuesOf } from "../../dlcore/browser/model.js";

const PLAN = { input: "input", shape: [1, 2, 1], steps: [], classifies: true, is_single: true, is_binary: false };

// A session that answers with what it is given, and would refuse two questions at a time.
function opened(plan = PLAN) {
  let isBusy = false;
  const session = {
    outputNames: ["output"],
    run: async ({ input }) => {
      assert.equal(isBusy, false);
      isBusy = true;
      await new Promise((resolve) => setTimeout(resolve));
      isBusy = false;
      if (input.values[0] === 13) throw new Error("no such model");
      return { output: { data: input.values } };
    },
  };
  const found = { Tensor: class { constructor(type, values, shape) { Object.assign(this, { type, values, shape }); } } };
  return new Model(found, session, plan);
}

const picture = (...data) => ({ kind: "picture", image: { width: 2, height: 1, data: Uint8Array.from(data) } });

test("a model for two classes answers with the chance of the second", () => {
  assert.deepEqual(valuesOf([0.25], { is_binary: true }), [0.75, 0.25]);
  assert.deepEqual(valuesOf([0.25, 0.75], { is_binary: false }), [0.25, 0.75]);
});

test("the likeliest class is chosen, all likely labels, and nothing among numbers", () => {
  assert.deepEqual(chosenOf([0.2, 0.7, 0.1], { classifies: true, is_single: true }), [1]);
  assert.deepEqual(chosenOf([0.5, 0.7, 0.1], { classifies: true, is_single: false }), [0, 1]);
  assert.deepEqual(chosenOf([3, 4], { classifies: false, is_single: false }), []);
});

test("questions at the same time are answered one by one, each with what was seen", async () => {
  const model = opened({ ...PLAN, steps: [{ does: "channels", count: 1 }] });
  const both = await Promise.all([
    model.answer(picture(9, 9, 9, 255, 3, 3, 3, 255)),
    model.answer(picture(1, 1, 1, 255, 2, 2, 2, 255)),
  ]);
  assert.deepEqual(both.map(({ values, chosen }) => [values, chosen]), [[[9, 3], [0]], [[1, 2], [1]]]);
  assert.deepEqual(both[1].seen.values, Uint8Array.from([1, 2]));
});

test("one that is closed gives its memory back after what was asked before", async () => {
  const model = opened(), done = [], { run } = model.session;
  model.session.run = (given) => run(given).finally(() => done.push("answered"));
  model.session.release = async () => done.push("released");
  const asked = model.ask([1, 2]);
  await model.close();
  assert.deepEqual(await asked, [1, 2]);
  assert.deepEqual(done, ["answered", "released"]);
});

test("one that fails leaves the next its answer", async () => {
  const model = opened();
  await assert.rejects(model.ask([13, 0]), /no such model/);
  assert.deepEqual(await model.ask([1, 2]), [1, 2]);
});
