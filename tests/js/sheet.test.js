import assert from "node:assert/strict";
import test from "node:test";

import { Sheet } from "../../dlcore/browser/sheet.js";

// A canvas that is shown at half its size, 10 px from the left and 20 from the top, and notes what is drawn.
function drawnOn() {
  const lines = [];
  const context = {
    fillRect: () => (lines.length = 0),
    getImageData: (x, y, width, height) => ({ width, height, data: lines.length }),
    beginPath: () => lines.push([]),
    moveTo: (...place) => lines.at(-1).push(place),
    lineTo: (...place) => lines.at(-1).push(place),
    stroke: () => {},
  };
  const canvas = {
    getContext: () => context,
    getBoundingClientRect: () => ({ left: 10, top: 20, width: 50 }),
    setAttribute: (name, value) => (canvas[name] = value),
    setPointerCapture: () => {},
    toDataURL: () => `png of ${lines.length}`,
  };
  const parts = { ".sheet-paper": canvas, ".sheet-undo": {}, ".sheet-clear": {} };
  const told = [];
  const sheet = new Sheet({ querySelector: (name) => parts[name] }, (one) => told.push(one.png()));
  const look = { side: 100, texts: { sheet: "Draw", undo: "Undo", clear: "Clear" } };
  const update = () => sheet.show(look);
  update();
  const at = (clientX, clientY, more = {}) => ({ button: 0, pointerId: 1, clientX, clientY, preventDefault() {}, ...more });
  return { canvas, lines, told, sheet, update, at, undo: parts[".sheet-undo"], clear: parts[".sheet-clear"] };
}

test("a stroke is drawn where the hand is, and told when it ends", () => {
  const { canvas, lines, told, at } = drawnOn();
  canvas.onpointerdown(at(10, 20));
  canvas.onpointermove(at(35, 45));
  assert.deepEqual([lines, told], [[[[0, 0], [50, 50]]], []]);
  canvas.onpointerup(at(35, 45));
  assert.deepEqual(told, ["png of 1"]);
});

test("a quick hand is followed through all that the browser bundled", () => {
  const { canvas, lines, at } = drawnOn();
  canvas.onpointerdown(at(10, 20));
  canvas.onpointermove(at(60, 70, { getCoalescedEvents: () => [at(20, 20), at(60, 70)] }));
  assert.deepEqual(lines, [[[0, 0], [20, 0], [100, 100]]]);
});

test("a touch without a movement is a dot", () => {
  const { canvas, lines, at } = drawnOn();
  canvas.onpointerdown(at(35, 45));
  canvas.onpointerup(at(35, 45));
  assert.deepEqual(lines, [[[50, 50], [50, 50]]]);
});

test("another button, and a second finger, draw nothing", () => {
  const { canvas, lines, told, at } = drawnOn();
  canvas.onpointerdown(at(10, 20, { button: 2 }));
  assert.deepEqual(lines, []);
  canvas.onpointerdown(at(10, 20));
  canvas.onpointerdown(at(60, 70, { pointerId: 2 }));
  canvas.onpointermove(at(60, 70, { pointerId: 2 }));
  canvas.onpointerup(at(60, 70, { pointerId: 2 }));
  assert.deepEqual([lines, told], [[[[0, 0], [0, 0]]], []]);
});

test("strokes are taken back one by one, or all together; an empty sheet is told as such", () => {
  const { canvas, lines, told, at, undo, clear } = drawnOn();
  assert.deepEqual([undo.disabled, clear.disabled], [true, true]);
  for (const x of [10, 20, 30]) {
    canvas.onpointerdown(at(x, 20));
    canvas.onpointerup(at(x, 20));
  }
  undo.onclick();
  assert.deepEqual([lines.length, told.at(-1), undo.disabled], [2, "png of 2", false]);
  clear.onclick();
  assert.deepEqual([lines.length, told.at(-1), clear.disabled], [0, "", true]);
});

test("what is drawn stays when the page runs again", () => {
  const { canvas, lines, at, update } = drawnOn();
  canvas.onpointerdown(at(10, 20));
  canvas.onpointerup(at(10, 20));
  update();
  assert.equal(lines.length, 1);
});

test("its pixels are those of the whole sheet, and nothing where nothing is drawn", () => {
  const { canvas, sheet, at } = drawnOn();
  assert.equal(sheet.pixels(), null);
  canvas.onpointerdown(at(10, 20));
  canvas.onpointerup(at(10, 20));
  assert.deepEqual(sheet.pixels(), { width: 100, height: 100, data: 1 });
});
