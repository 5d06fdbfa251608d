// Which alerts a browser tells of: those that came since somebody asked for it. Nothing here knows of a page.
const KEY = "dlstudio.notifications";

export class Notifier {
  // `here` is a window, or what a test puts in its place.
  constructor(here) {
    this.here = here;
    this.tag = "";
  }

  get supported() {
    return "Notification" in this.here;
  }

  get permission() {
    return this.supported ? this.here.Notification.permission : "denied";
  }

  // What is kept in the browser: the number of the last alert that it told of, while it shall tell.
  get last() {
    const kept = this.here.localStorage.getItem(KEY);
    return kept === null ? null : Number(kept);
  }

  set last(number) {
    if (number === null) this.here.localStorage.removeItem(KEY);
    else this.here.localStorage.setItem(KEY, String(number));
  }

  get on() {
    return this.permission === "granted" && this.last !== null;
  }

  update(data) {
    this.data = data;
    this.watch();
  }

  watch() {
    if (this.timer || !this.on) return;
    this.timer = this.here.setInterval(() => this.look(), this.data.interval);
  }

  async toggle() {
    if (this.on) {
      this.last = null;
      this.here.clearInterval(this.timer);
      this.timer = null;
      return;
    }
    if ((await this.here.Notification.requestPermission()) !== "granted") return;
    // What is there already is no news.
    this.tag = "";
    const known = await this.fetch();
    this.last = Math.max(0, ...(known ?? []).map(({ number }) => number));
    this.watch();
  }

  async look() {
    if (!this.on) return;
    const found = await this.fetch();
    const news = (found ?? []).filter(({ number }) => number > this.last);
    // Another page of this browser may have told of it meanwhile: one of the same tag takes its place.
    for (const { number, address, title, text } of news.toReversed()) {
      const told = new this.here.Notification(title, { body: text, tag: `dlstudio-${number}` });
      told.onclick = () => {
        this.here.focus();
        this.here.location.assign(address);
        told.close();
      };
      this.last = Math.max(this.last, number);
    }
  }

  // Returns the alerts that nobody has seen, null where they are the same as before or the server is away.
  async fetch() {
    const query = new URLSearchParams({ ask: `${this.data.topic}::${this.tag}`, lang: this.data.language });
    try {
      const answer = await this.here.fetch(`/api/feed?${query}`);
      if (answer.status !== 200) return null;
      const [news] = await answer.json();
      if (!news?.view) return null;
      this.tag = news.tag;
      return news.view;
    } catch {
      return null;
    }
  }
}
