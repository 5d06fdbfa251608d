// What a model in this browser answers: the class with its confidence, bars, and what the model saw.
const MOST_BARS = 5;
const SEEN_SIDE = 112;

export class AnswerView {
  // texts: those of `browser/texts.py`, in the reader's language.
  constructor(root, texts) {
    Object.assign(this, { root, texts });
  }

  say(text, isError = false) {
    this.root.replaceChildren(element("p", isError ? "answer-error" : "answer-quiet", text));
  }

  show(answer, plan) {
    const parts = plan.classifies ? this.classes(answer, plan) : [this.numbers(answer, plan)];
    const time = Math.max(1, Math.round(answer.milliseconds));
    parts.push(this.seen(answer.seen));
    parts.push(element("p", "answer-quiet", this.texts.answered.replace("{time}", `${time.toLocaleString("en")} ms`)));
    this.root.replaceChildren(...parts);
  }

  classes({ values, chosen }, { names, is_single: isSingle }) {
    const head = element("div", "answer-head");
    const title = chosen.map((place) => names[place]).join(", ") || this.texts.none;
    head.append(element("h2", "answer-name", title));
    if (isSingle) {
      const share = `${Math.round(values[chosen[0]] * 100)}%`;
      head.append(element("span", "answer-share", this.texts.confident.replace("{share}", share)));
    }
    const bars = element("ol", "answer-bars");
    const places = values.map((_, place) => place).sort((a, b) => values[b] - values[a]);
    for (const place of places.slice(0, MOST_BARS)) bars.append(bar(names[place], values[place], chosen.includes(place)));
    return [head, bars];
  }

  numbers({ values }, { names }) {
    const list = element("dl", "answer-numbers");
    values.forEach((value, place) => {
      const one = element("div", "answer-number");
      one.append(element("dt", "", names[place] ?? `${place + 1}`), element("dd", "", String(Number(value.toPrecision(6)))));
      list.append(one);
    });
    return list;
  }

  seen(image) {
    const part = element("div", "answer-seen");
    const words = element("div", "");
    words.append(element("b", "", this.texts.seen), element("small", "", `${image.height} × ${image.width}`));
    part.append(picture(image, this.texts.seen), words);
    return part;
  }
}

function bar(name, value, isChosen) {
  const line = element("li", isChosen ? "answer-chosen" : "");
  const track = element("span", "answer-track");
  const fill = element("span", "answer-fill");
  fill.style.width = `${(value * 100).toFixed(2)}%`;
  track.append(fill);
  line.append(element("span", "answer-label", name), track, element("span", "answer-percent", `${(value * 100).toFixed(1)}%`));
  line.firstChild.title = name;
  return line;
}

function picture({ width, height, channels, values }, name) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height, className: "answer-picture" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  canvas.style.width = `${SEEN_SIDE}px`;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let place = 0; place < width * height; place++) {
    for (let channel = 0; channel < 3; channel++)
      image.data[4 * place + channel] = values[place * channels + (channels === 3 ? channel : 0)];
    image.data[4 * place + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

export function element(kind, name, text = "") {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}
