// Sends one file in pieces to /api/uploads/<token>. The server says where to go on, so a broken
// connection, a closed tab or a restarted server costs no more than the piece that was under way.
const CARDS = new WeakMap();
// Files that are being sent: a person who looks at another page and comes back need not choose again.
const FILES = (window[Symbol.for("dlstudio.uploads")] ??= new Map());
const PIECE = 4 * 2 ** 20;
const LONGEST_WAIT = 30;
const PASSING = new Set([0, 408, 423, 429, 500, 502, 503, 504]);

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// As the server keeps a name, so that it is known again.
const shown = (name) => name.split(/[/\\]/).pop().replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, "").trim();

function size(bytes) {
  for (const [limit, unit] of [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]]) {
    if (bytes >= limit) return `${Number((bytes / limit).toPrecision(3))} ${unit}`;
  }
  return `${bytes} B`;
}

class Uploader {
  constructor(root) {
    this.find = (name) => root.querySelector(`.${name}`);
    this.card = this.find("up");
    this.leaving = (event) => event.preventDefault();
    this.input = this.find("up-input");
    this.input.onchange = () => this.take(this.input.files);
    this.find("up-choose").onclick = () => this.input.click();
    this.find("up-retry").onclick = () => this.send();
    this.find("up-cancel").onclick = () => this.cancel();
    this.depth = 0;
    this.card.ondragenter = (event) => this.over(event, 1);
    this.card.ondragleave = (event) => this.over(event, -1);
    this.card.ondragover = (event) => event.preventDefault();
    this.card.ondrop = (event) => this.drop(event);
    this.pasted = (event) => this.paste(event);
    document.addEventListener("paste", this.pasted);
  }

  // A picture that was copied elsewhere; what is pasted into a field belongs there.
  paste(event) {
    const files = event.clipboardData?.files ?? [];
    if (!files.length || !["idle", "failed"].includes(this.state) || event.target.closest?.("input, textarea")) return;
    event.preventDefault();
    this.take(files);
  }

  over(event, step) {
    event.preventDefault();
    this.depth = Math.max(0, this.depth + step);
    this.card.classList.toggle("up-over", this.depth > 0);
  }

  drop(event) {
    this.over(event, -this.depth);
    const folder = [...event.dataTransfer.items].some((item) => item.webkitGetAsEntry?.()?.isDirectory);
    if (this.state === "sending") return;
    if (folder) this.fail("folder");
    else this.take(event.dataTransfer.files);
  }

  update(component) {
    const { data } = component;
    this.report = (value) => component.setTriggerValue("arrived", value);
    const other = this.data?.token !== data.token;
    this.data = data;
    this.input.accept = data.accept.join(",");
    this.find("up-choose").textContent = data.texts.choose;
    this.find("up-cancel").textContent = data.texts.cancel;
    this.find("up-retry").textContent = data.texts.retry;
    if (!other) return;
    this.stop();
    this.file = FILES.get(data.token) ?? null;
    this.offset = data.offset;
    if (this.file) this.send();
    else this.show(data.size ? "broken" : "idle");
    this.take(this.input.files); // chosen before this script listened
  }

  take(files) {
    if (!files.length) return;
    if (files.length > 1) return this.fail("several");
    const [file] = files;
    if (!file.size) return this.fail("empty");
    if (file.size > this.data.limit) return this.fail("too_large");
    this.file = file;
    this.send();
    this.input.value = "";
  }

  get url() { return `/api/uploads/${this.data.token}`; }

  same(known) {
    return known.name === shown(this.file.name) && known.size === this.file.size && known.modified === this.file.lastModified;
  }

  async send() {
    const ticket = (this.ticket = {});
    const { file } = this;
    const mine = () => this.ticket === ticket;
    FILES.set(this.data.token, file);
    window.addEventListener("beforeunload", this.leaving);
    this.show("sending");
    let breaks = 0, stalls = 0;
    let answer = await this.ask("GET");
    // A file that was begun here gives way only where the person was told of it.
    if (answer.size && !this.same(answer) && answer.name === this.data.name) answer = await this.ask("DELETE");
    while (mine()) {
      if (answer.size && !this.same(answer)) return this.fail("other_file");
      else if (answer.status === 200 || answer.error === "offset") {
        if (answer.offset > this.offset) breaks = stalls = 0;
        stalls += 1;
        this.offset = answer.offset;
        if (this.offset === file.size && answer.size) return this.arrive();
        if (stalls > 3) return this.fail("confused");
        this.show("sending");
        answer = await this.piece(file);
      } else if (PASSING.has(answer.status)) {
        stalls = 0;
        await this.wait(Math.min(LONGEST_WAIT, 2 ** breaks++), answer.error === "busy" ? "busy" : "broken", mine);
        if (mine()) answer = await this.ask("GET");
      } else return this.fail(answer.error ?? "confused");
    }
  }

  async wait(seconds, why, mine) {
    for (let left = seconds; left > 0 && mine(); left -= 1) {
      this.show("waiting", fill(this.data.texts.errors[why], { n: left }));
      await pause(1);
    }
  }

  piece(file) {
    const end = Math.min(this.offset + PIECE, file.size);
    const headers = {
      "upload-name": encodeURIComponent(shown(file.name)), "upload-size": file.size,
      "upload-modified": file.lastModified, "upload-offset": this.offset,
    };
    return this.ask("PUT", headers, file.slice(this.offset, end), (loaded) => this.progress(this.offset + loaded));
  }

  // XMLHttpRequest, not fetch: only it says how much of a piece has left.
  ask(method, headers = {}, body = null, progress = null) {
    return new Promise((resolve) => {
      const request = (this.request = new XMLHttpRequest());
      request.open(method, this.url);
      request.timeout = 120_000;
      for (const [name, value] of Object.entries({ "x-dl-studio": "1", ...headers })) request.setRequestHeader(name, value);
      if (progress) request.upload.onprogress = (event) => progress(event.loaded);
      request.onloadend = () => {
        let data = {};
        try { data = JSON.parse(request.responseText || "{}"); } catch { /* a proxy's own page of words */ }
        resolve({ ...data, status: request.status });
      };
      request.send(body);
    });
  }

  arrive() {
    const { token } = this.data;
    this.stop();
    FILES.delete(token);
    this.progress(this.file.size);
    this.show("done");
    this.report({ token, name: this.file.name, size: this.file.size });
  }

  async cancel() {
    this.stop();
    FILES.delete(this.data.token);
    this.file = null;
    this.offset = 0;
    this.data = { ...this.data, name: "", size: 0 };
    this.show("idle");
    // The server may still hold the piece that was broken off.
    for (let tries = 0; tries < 5 && (await this.ask("DELETE")).status === 423; tries += 1) await pause(0.5);
  }

  stop() {
    this.ticket = null;
    this.request?.abort();
    window.removeEventListener("beforeunload", this.leaving);
  }

  leave() {
    this.stop();
    document.removeEventListener("paste", this.pasted);
  }

  fail(code) {
    this.stop();
    FILES.delete(this.data.token);
    const { texts, limit } = this.data;
    this.show("failed", fill(texts.errors[code] ?? texts.errors.confused, { limit: size(limit) }));
  }

  show(state, note = "") {
    const { texts, hint } = this.data;
    const known = { name: this.file?.name ?? this.data.name, total: size(this.file?.size ?? this.data.size), done: size(this.offset ?? 0) };
    const notes = { idle: hint, broken: fill(texts.resume, known), done: texts.done };
    if (state !== this.state) this.find("up-said").textContent = note || notes[state] || "";
    this.state = state;
    this.card.dataset.state = state;
    const named = known.name && state !== "idle";
    this.find("up-title").textContent = named ? known.name : texts.drop;
    this.find("up-note").textContent = note || notes[state] || "";
    this.find("up-choose").hidden = !["idle", "broken", "failed"].includes(state);
    this.find("up-retry").hidden = !(state === "waiting" || (state === "failed" && this.file));
    this.find("up-cancel").hidden = !["sending", "waiting", "broken"].includes(state);
    this.find("up-bar").hidden = !["sending", "waiting", "broken", "done"].includes(state);
    this.progress(this.offset ?? 0);
  }

  progress(done) {
    const total = this.file?.size ?? this.data.size;
    if (!total) return;
    const percent = Math.floor((100 * done) / total);
    const bar = this.find("up-bar");
    bar.setAttribute("aria-valuenow", percent);
    bar.setAttribute("aria-label", this.file?.name ?? this.data.name);
    bar.firstElementChild.style.width = `${percent}%`;
    if (this.state === "sending") {
      this.find("up-note").textContent = `${fill(this.data.texts.sent, { done: size(done), total: size(total) })} · ${percent} %`;
    }
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!CARDS.has(root)) CARDS.set(root, new Uploader(root));
  CARDS.get(root).update(component);
  return () => {
    CARDS.get(root)?.leave();
    CARDS.delete(root);
  };
}
