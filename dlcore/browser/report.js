// The part of a report in which its model is tried: all that it needs is in the file.
import { AnswerView } from "./answer.js";
import { Model } from "./model.js";
import { PicturePlace } from "./picture.js";
import { Sheet } from "./sheet.js";

const part = document.querySelector(".try");
const about = JSON.parse(document.getElementById("try-about").textContent);
const view = new AnswerView(part.querySelector(".answer"), about.answer);
let opening = null;
let asked = 0;

async function unpacked(id) {
  const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (one) => one.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Only once somebody comes near: to unpack and compile it takes a second.
function model() {
  opening ??= (async () => {
    const [script, wasm, graph] = await Promise.all(["try-script", "try-wasm", "try-model"].map(unpacked));
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    return Model.open({ script: address, wasm, model: graph, plan: about.plan });
  })();
  return opening;
}

async function answer(given) {
  const number = ++asked;
  if (!given) return view.say(about.answer.waiting);
  try {
    const found = await (await model()).answer(given);
    if (number !== asked) return;
    if (found === null) view.say(about.answer.waiting);
    else view.show(found, about.plan);
  } catch (error) {
    if (number === asked) view.say(about.answer.failed.replace("{reason}", error.message), true);
  }
}

if (about.plan.drawing) {
  const tell = (sheet) => {
    const image = sheet.pixels();
    answer(image && { kind: "drawing", image });
  };
  new Sheet(part, tell).show(about.sheet);
}
new PicturePlace(part, answer).show(about.picture);
view.say(about.answer.waiting);
for (const event of ["pointerover", "focusin"]) part.addEventListener(event, () => model().catch(() => {}), { once: true });
