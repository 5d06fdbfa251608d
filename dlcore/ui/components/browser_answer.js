// What a model in this browser answers to what is given on a channel; on request, beside what the server answers.
import { AnswerView, element } from "./answer.js";
import { give, listen } from "./given.js";
import { Model, chosenOf } from "./model.js";

const PARTS = new WeakMap();

class Part {
  constructor(root) {
    this.place = root.querySelector(".answer");
    this.number = 0;
  }

  update({ data, setTriggerValue }) {
    const isOther = this.data?.source.model !== data.source.model || this.data?.channel !== data.channel;
    this.data = data;
    this.ask = (given) => setTriggerValue("asked", given);
    this.view = new AnswerView(this.place, data.texts);
    if (isOther) this.open();
    else this.compare();
  }

  open() {
    this.end();
    this.view.say(this.data.texts.loading);
    this.model = Model.open(this.data.source);
    this.forget = listen(this.data.channel, (given) => this.hear(given));
  }

  async hear(given) {
    const number = ++this.number;
    try {
      const model = await this.model;
      const answer = given && (await model.answer(given));
      if (number !== this.number) return;
      this.answer = answer;
      this.tell();
      if (answer === null) return this.view.say(this.data.texts.waiting);
      this.given = given;
      this.view.show(answer, this.data.source.plan);
      this.footer = element("div", "answer-server");
      this.place.append(this.footer);
      this.compare();
    } catch (error) {
      if (number !== this.number) return;
      this.answer = null;
      this.tell();
      this.view.say(this.data.texts.failed.replace("{reason}", error.message), true);
    }
  }

  // Tells the others what was chosen, where classes are.
  tell() {
    const { plan } = this.data.source;
    give(this.data.chosen, this.answer && plan.classifies ? this.answer.chosen.map((place) => plan.names[place]) : null);
  }

  // Offers to ask the server, or says how its answer differs.
  compare() {
    if (!this.answer || !this.given.address) return;
    const { server, texts } = this.data;
    if (server?.of === this.of(this.number)) {
      this.footer.replaceChildren(element("p", "answer-quiet", this.verdict(server)));
      return;
    }
    const button = element("button", "", texts.ask);
    button.type = "button";
    button.onclick = () => {
      button.disabled = true;
      this.ask({ of: this.of(this.number), kind: this.given.kind, address: this.given.address });
    };
    this.footer.replaceChildren(button);
  }

  of(number) {
    return `${this.data.source.model} ${number}`;
  }

  verdict({ values, problem }) {
    if (problem) return problem;
    const { texts, source } = this.data;
    const difference = Math.max(...values.map((value, place) => Math.abs(value - this.answer.values[place])));
    const [its, ours] = [values, this.answer.values].map((one) => chosenOf(one, source.plan));
    const text = String(its) === String(ours) ? texts.same : texts.other;
    const names = its.map((place) => source.plan.names[place]).join(", ") || texts.none;
    return text.replace("{answer}", names).replace("{value}", difference.toPrecision(2));
  }

  end() {
    this.forget?.();
    this.number++;
    this.answer = null;
    this.tell(); // what it chose before is no answer to what is given next
    this.model?.then((model) => model.close()).catch(() => {});
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!PARTS.has(root)) PARTS.set(root, new Part(root));
  PARTS.get(root).update(component);
  return () => {
    PARTS.get(root)?.end();
    PARTS.delete(root);
  };
}
