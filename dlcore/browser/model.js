// A trained model in this browser: onnxruntime-web asks it, on one thread, so that the page need not be isolated.
import { drawnPixels, onWhite, prepared } from "./pixels.js";

const RUNTIMES = new Map();

// wasm: where the runtime's code is, or its bytes.
function runtime({ script, wasm }) {
  if (!RUNTIMES.has(script)) RUNTIMES.set(script, begun(script, wasm));
  return RUNTIMES.get(script);
}

async function begun(script, wasm) {
  const found = await import(new URL(script, document.baseURI));
  found.env.wasm.numThreads = 1;
  if (typeof wasm === "string") found.env.wasm.wasmPaths = { wasm: String(new URL(wasm, document.baseURI)) };
  else found.env.wasm.wasmBinary = wasm;
  return found;
}

export class Model {
  // source: {script, wasm, model, plan}; the model is an address or bytes, the plan is that of `browser/plan.py`.
  static async open(source) {
    const found = await runtime(source);
    const model = typeof source.model === "string" ? await fetched(source.model) : source.model;
    const session = await found.InferenceSession.create(model, { executionProviders: ["wasm"] });
    const opened = new Model(found, session, source.plan);
    await opened.ask(new Float32Array(opened.plan.shape.reduce((size, one) => size * one, 1))); // it warms up
    return opened;
  }

  constructor(found, session, plan) {
    Object.assign(this, { found, session, plan, turn: Promise.resolve() });
  }

  // What the model sees of {kind, image}; null where nothing is drawn.
  see({ kind, image }) {
    const picture = kind === "drawing" ? drawnPixels(image, this.plan.drawing) : onWhite(image);
    return picture && prepared(picture, this.plan.steps);
  }

  // A session answers one question at a time.
  async ask(values) {
    const asked = this.turn.then(() => this.outputs(values));
    this.turn = asked.catch(() => {});
    return asked;
  }

  // After what is still to be answered: its memory is not the garbage collector's.
  close() {
    this.turn = this.turn.then(() => this.session.release());
    return this.turn;
  }

  async outputs(values) {
    const given = new this.found.Tensor("float32", values, [1, ...this.plan.shape]);
    const found = await this.session.run({ [this.plan.input]: given });
    return found[this.session.outputNames[0]].data;
  }

  // {seen, values, chosen, milliseconds}: the places of the chosen names.
  async answer(given) {
    const began = performance.now();
    const seen = this.see(given);
    if (seen === null) return null;
    const values = valuesOf(await this.ask(Float32Array.from(seen.values)), this.plan);
    return { seen, values, chosen: chosenOf(values, this.plan), milliseconds: performance.now() - began };
  }
}

async function fetched(address) {
  const answer = await fetch(new URL(address, document.baseURI));
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

// A model for two classes answers with the chance of the second one.
export function valuesOf(outputs, { is_binary: isBinary }) {
  const values = Array.from(outputs);
  return isBinary ? [1 - values[0], values[0]] : values;
}

export function chosenOf(values, { classifies, is_single: isSingle }) {
  if (!classifies) return [];
  if (isSingle) return [values.indexOf(Math.max(...values))];
  return values.flatMap((value, place) => (value >= 0.5 ? [place] : []));
}
