// The controls of a replay: play and hold, where it is, and how fast it goes.
import { clockText, Player, SPEEDS, usualSpeed } from "./replay.js";

const FRAME = 120; // ms between two pictures

const make = (tag, attributes, ...children) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children);
  return element;
};

export class ReplayBar {
  // `moved()` is called whenever there is another moment to be drawn.
  constructor(room, texts, seconds, moved) {
    Object.assign(this, { room, texts, moved, player: new Player(seconds, usualSpeed(seconds)), active: false });
    this.button = make("button", { type: "button", className: "dl-replay-play", onclick: () => this.toggle() });
    this.place = make("input", { type: "range", min: 0, max: seconds, step: "any", value: seconds, ariaLabel: texts.moment });
    this.place.oninput = () => this.seek(Number(this.place.value));
    const options = SPEEDS.map((speed) => make("option", { value: speed, textContent: `${speed}×`, selected: speed === this.player.speed }));
    this.speed = make("select", { ariaLabel: texts.speed, onchange: () => this.player.hurry(Number(this.speed.value)) }, ...options);
    this.time = make("span", { className: "dl-quiet" });
    room.replaceChildren(this.button, this.place, this.time, this.speed);
    this.show();
  }

  // The moment that is shown; null for the run as it ended.
  get moment() { return this.active ? this.player.at : null; }

  toggle() {
    if (this.player.plays) this.player.hold();
    else this.play();
    this.show();
  }

  play() {
    if (!this.active) this.player.move(0);
    this.active = true;
    this.player.play();
    this.next();
  }

  seek(moment) {
    this.active = moment < this.player.seconds;
    this.player.move(moment);
    this.show();
    this.moved();
  }

  next() {
    clearTimeout(this.timer);
    // Over: the run stands there again as it ended.
    if (this.player.over) this.active = false;
    this.show();
    this.moved();
    if (this.active && this.player.plays) this.timer = setTimeout(() => this.next(), FRAME);
  }

  show() {
    const { player, texts } = this, at = this.active ? player.at : player.seconds;
    this.button.textContent = this.active && player.plays ? `❚❚ ${texts.hold}` : `▶ ${texts.replay}`;
    this.place.value = at;
    this.time.textContent = `${clockText(at)} / ${clockText(player.seconds)}`;
  }

  close() {
    clearTimeout(this.timer);
    this.room.replaceChildren();
  }
}
