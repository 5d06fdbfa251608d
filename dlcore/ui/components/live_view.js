// How something is now: badges, numbers, progress. The page draws it first, then the feed keeps it up to date;
// only when it comes to a state for which the page would look different does the page's script run.
import { feed } from "./feed.js";

const STATE = Symbol.for("dlstudio.view");
const AGAIN = 3000; // ms after which a page that has not followed is asked once more

function node(kind, name, text) {
  const found = document.createElement(kind);
  if (name) found.className = name;
  if (text !== undefined) found.textContent = text;
  return found;
}

const draw = {
  badges: (badges) => badges.map(({ text, color, icon, help }) => {
    const badge = node("span", `dl-badge dl-${color}`);
    if (help) badge.title = help;
    if (icon) {
      const sign = node("span", "dl-icon", icon);
      sign.setAttribute("aria-hidden", "true");
      badge.append(sign);
    }
    badge.append(text);
    return badge;
  }),
  caption: (text) => (text ? [node("span", "", text)] : []),
  cards: (cards) => cards.map(({ label, value, help, under }) => {
    const card = node("div", "dl-number");
    if (help) card.title = help;
    card.append(node("div", "dl-label", label), node("div", "dl-value", value));
    if (under) card.append(node("div", "dl-under", under));
    return card;
  }),
  progress: (progress) => {
    if (!progress) return [];
    const found = [node("div", "dl-text", progress.text)];
    if (progress.share !== null) {
      const bar = node("div", "dl-bar"), done = node("div", "dl-done");
      const percent = Math.round(100 * progress.share);
      done.style.width = `${percent}%`;
      for (const [name, value] of [["role", "progressbar"], ["aria-valuemin", 0], ["aria-valuemax", 100], ["aria-valuenow", percent], ["aria-label", progress.text]]) bar.setAttribute(name, value);
      bar.append(done);
      found.push(bar);
    }
    return found;
  },
  lines: (lines) => lines.map((line) => node("div", "dl-line", line)),
  note: (note) => {
    if (!note) return [];
    return [node("div", "dl-line", note.text), ...(note.code ? [node("code", "dl-code", note.code)] : [])];
  },
};

class LiveView {
  constructor(element) {
    this.element = element;
    this.drawn = {};
  }

  update(component) {
    const { data } = component;
    this.component = component;
    this.page = data.view.page;
    this.language = data.language;
    this.updated = Date.now();
    this.followed = 0;
    clearTimeout(this.timer);
    this.show(data.tag, data.view);
    for (const look of ["brief", "head"]) this.element.classList.toggle(`dl-${look}`, data.look === look);
    feed.join(this);
  }

  ask() {
    return this.view.gone ? null : `${this.component.data.topic}:${this.component.data.subject}:${this.tag}`;
  }

  get brief() {
    return this.component.data.look === "brief";
  }

  get every() {
    return this.view.live ? this.component.data.interval : this.component.data.idle;
  }

  take({ tag, view, gone }) {
    if (gone) this.view = { ...this.view, page: null, gone };
    else this.show(tag, view);
    clearTimeout(this.timer);
    if (this.view.page === this.page || this.brief) return;
    const at = Math.max(this.updated + this.component.data.pace, this.followed + AGAIN);
    this.timer = setTimeout(() => this.follow(), at - Date.now());
  }

  show(tag, view) {
    [this.tag, this.view] = [tag, view];
    if (view.title && !this.brief) document.title = view.title;
    for (const [part, parts] of Object.entries(draw)) {
      // What did not change is left alone: a screen reader would say it again.
      const text = JSON.stringify(view[part]);
      if (this.drawn[part] === text) continue;
      this.drawn[part] = text;
      this.element.querySelector(`[data-part=${part}]`).replaceChildren(...parts(view[part]));
    }
  }

  // Its buttons and figures belong to another state: the page's script has to run.
  follow() {
    this.followed = Date.now();
    this.component.setTriggerValue("stale", this.followed);
    this.timer = setTimeout(() => this.follow(), AGAIN);
  }

  close() {
    clearTimeout(this.timer);
    feed.leave(this);
  }
}

export default function (component) {
  const element = component.parentElement.querySelector(".dl-view");
  element[STATE] ??= new LiveView(element);
  element[STATE].update(component);
  return () => {
    element[STATE]?.close();
    element[STATE] = null;
  };
}
