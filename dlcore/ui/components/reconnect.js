// Has the page drawn again when its server is back: one that was started again does not know what is on it. Until then
// a line says what is going on.
import { closedBy } from "./closing.js";

const STATE = Symbol.for("dlstudio.reconnect");
const CONNECTED = "CONNECTED", RUNNING = "running";
const LONGEST = 10000; // ms for which a page that waits to be drawn takes no clicks
const SHORT = 1000; // ms without a connection of which nothing is said
const RESTART = 1012; // the code with which a server that is started again closes a connection

// Watches the root element of a page, on which Streamlit notes its connection and whether its script runs.
// Until the page is drawn again it takes no clicks: the server would drop those in fragments.
export class Reconnection {
  constructor(app, Observer) {
    this.app = app;
    this.state = this.connected ? "here" : "away";
    const attributeFilter = ["data-test-connection-state", "data-test-script-state"];
    new Observer(() => this.look()).observe(app, { attributeFilter });
  }

  get connected() {
    return this.app.dataset.testConnectionState === CONNECTED;
  }

  get runs() {
    return this.app.dataset.testScriptState === RUNNING;
  }

  look() {
    if (!this.connected) this.leave("away");
    else if (this.state === "away") this.ask();
    else if (this.state === "asked" && this.runs) this.state = "drawing";
    else if (this.state === "drawing" && !this.runs) this.leave("here");
  }

  ask() {
    // Of a script that ran when the server went, Streamlit says that it runs until the next one has ended.
    this.state = this.runs ? "drawing" : "asked";
    this.app.inert = true;
    this.timer = setTimeout(() => this.leave("here"), LONGEST);
    this.say(false);
    this.back();
  }

  leave(state) {
    clearTimeout(this.timer);
    this.state = state;
    this.app.inert = false;
    this.say(state === "away");
  }

  // Tells the reader that the server is away, if it still is after a moment.
  say(away) {
    if (!away) clearTimeout(this.saying);
    if (away) this.saying ??= setTimeout(() => this.tell(true), SHORT);
    else if (this.saying) this.saying = this.tell(false);
  }
}

// Shows a line above all of the page, in its colours the other way round; none hides it.
export function showLine(app, text) {
  const { ownerDocument: document } = app;
  const line = document.querySelector(".dl-away") ?? document.createElement("div");
  if (!text) return void line.remove();
  const colours = document.defaultView.getComputedStyle(app);
  line.className = "dl-away";
  line.role = "status";
  line.style.background = colours.color;
  line.style.color = colours.backgroundColor;
  line.textContent = text;
  document.body.append(line);
}

export default function ({ data, setTriggerValue }) {
  const app = document.querySelector("[data-testid=stApp]");
  // Of the window: it must not begin anew while the page is drawn.
  const one = (window[STATE] ??= new Reconnection(app, MutationObserver));
  one.back = () => setTriggerValue("back", Date.now());
  one.tell = (away) => showLine(app, away && (closedBy(window) === RESTART ? data.restart : data.away));
}
