// The end of a run's console log: new lines come with the feed, the newest stays in sight.
import { feed } from "./feed.js";

const STATE = Symbol.for("dlstudio.log");

class LiveLog {
  constructor(element) {
    this.element = element;
  }

  update({ data }) {
    if (this.data?.run !== data.run) {
      this.cursor = 0;
      this.element.replaceChildren();
    }
    this.data = data;
    this.language = data.language;
    this.every = data.interval;
    this.ended = false;
    this.element.dataset.empty = data.empty;
    this.element.setAttribute("aria-label", data.label);
    this.element.style.maxHeight = `${data.height}px`;
    feed.join(this);
  }

  ask() {
    return this.ended ? null : `log:${this.data.run}:${this.cursor}`;
  }

  take({ gone, cursor, live, lines }) {
    this.ended = gone || (!live && cursor === this.cursor);
    if (gone) return;
    this.cursor = cursor;
    const { element } = this;
    // Who has scrolled up reads; who is at the end goes on with it.
    const follows = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    for (const [at, text] of lines) {
      const line = document.createElement("div"), time = document.createElement("time");
      time.textContent = at;
      line.append(time, text);
      element.append(line);
    }
    while (element.childElementCount > this.data.most) element.firstElementChild.remove();
    if (follows) element.scrollTop = element.scrollHeight;
  }

  close() {
    feed.leave(this);
  }
}

export default function (component) {
  const element = component.parentElement.querySelector(".dl-log");
  element[STATE] ??= new LiveLog(element);
  element[STATE].update(component);
  return () => {
    element[STATE]?.close();
    element[STATE] = null;
  };
}
