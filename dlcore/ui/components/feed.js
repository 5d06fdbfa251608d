// One request a second for all live parts of a page: each says what it has, and gets what is new. A page of very
// many parts sends a few.
const TOGETHER = 40; // ms: parts that are drawn together ask together
const PATIENCE = 10000; // ms for an answer
export const SLOWEST = 5000; // ms between tries while the server is away
const MOST = 128; // asks in one request, as the server takes them
const LONGEST = 7000; // letters of an address: what stands between may take no more than 8 kB of it

export class Feed {
  constructor() {
    this.parts = new Set();
    this.failures = 0;
    this.seen = () => this.soon();
  }

  // A part has `ask()`: what it asks, or null; `take(answer)`; `every`: ms between two asks; `language`.
  join(part) {
    if (!this.parts.size) document.addEventListener("visibilitychange", this.seen);
    this.parts.add(part);
    this.soon();
  }

  leave(part) {
    this.parts.delete(part);
    if (!this.parts.size) document.removeEventListener("visibilitychange", this.seen);
  }

  soon() {
    this.hurries = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), TOGETHER);
  }

  async tick() {
    this.hurries = false;
    // Nobody sees a hidden page; what it missed comes in one answer when it is shown again.
    if (document.hidden) return;
    const asked = [...this.parts].map((part) => ({ part, ask: part.ask() })).filter(({ ask }) => ask);
    if (!asked.length) return;
    const began = Date.now();
    const turn = (this.turn = {});
    await Promise.all(bundles(asked).map((together) => this.request(together)));
    // Whoever came in the meantime has not asked yet, and does so soon.
    if (turn === this.turn && !this.hurries) this.next(began, asked);
  }

  async request(asked) {
    const news = await this.fetch(asked);
    asked.forEach(({ part, ask }, place) => {
      // One that has moved on since, or is no longer there, did not ask for this.
      if (news[place] && this.parts.has(part) && part.ask() === ask) this.give(part, news[place]);
    });
  }

  // A part that fails must not stop the others.
  give(part, answer) {
    try {
      part.take(answer);
    } catch (error) {
      console.error(error);
    }
  }

  async fetch(asked) {
    const query = asked.map(({ ask }) => parameter(ask)).join("&");
    try {
      const answer = await fetch(`/api/feed?${query}&lang=${asked[0].part.language}`, { signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok) throw new Error(answer.status);
      const news = answer.status === 204 ? [] : await answer.json();
      this.failures = 0;
      return news;
    } catch {
      // The server is away for a moment, or does not know what this page asks: it is asked less often.
      this.failures += 1;
      return [];
    }
  }

  next(began, asked) {
    const every = Math.min(...asked.map(({ part }) => part.every));
    const pause = this.failures ? Math.min(SLOWEST, every * 2 ** this.failures) * (0.75 + Math.random() / 2) : every;
    clearTimeout(this.timer);
    // In step with the clock, unless the server is slower than that.
    this.timer = setTimeout(() => this.tick(), Math.max(pause / 2, began + pause - Date.now()));
  }
}

// An ask as it stands in the address, in which a colon may stand as it is.
const parameter = (ask) => `${new URLSearchParams({ ask })}`.replaceAll("%3A", ":");

// Divides asks into as few requests as the server takes.
function bundles(asked) {
  const found = [[]];
  let length = 0;
  for (const one of asked) {
    const more = parameter(one.ask).length + 1;
    if (found.at(-1).length === MOST || length + more > LONGEST) {
      found.push([]);
      length = 0;
    }
    found.at(-1).push(one);
    length += more;
  }
  return found;
}

// The one feed of the page.
export const feed = new Feed();
