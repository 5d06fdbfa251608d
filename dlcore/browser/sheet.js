// A sheet to draw on with the mouse, a pen or a finger. After each stroke it tells what is drawn.
export class Sheet {
  // tell: called after each stroke with the sheet.
  constructor(root, tell = () => {}) {
    const find = (name) => root.querySelector(`.${name}`);
    this.canvas = find("sheet-paper");
    this.undo = find("sheet-undo");
    this.clear = find("sheet-clear");
    this.tell = tell;
    this.strokes = [];
    this.pointer = null;
    this.canvas.onpointerdown = (event) => this.start(event);
    this.canvas.onpointermove = (event) => this.move(event);
    this.canvas.onpointerup = (event) => this.end(event);
    this.canvas.onpointercancel = (event) => this.end(event);
    this.undo.onclick = () => this.keep(this.strokes.slice(0, -1));
    this.clear.onclick = () => this.keep([]);
  }

  // look: {side, ink, paper, pen, texts}
  show(look) {
    this.look = look;
    this.canvas.setAttribute("aria-label", look.texts.sheet);
    this.undo.textContent = look.texts.undo;
    this.clear.textContent = look.texts.clear;
    if (this.canvas.width !== look.side) this.canvas.width = this.canvas.height = look.side;
    this.draw();
  }

  // Of the main button of a mouse, or of the first finger: a second one would only scratch.
  start(event) {
    if (event.button !== 0 || this.pointer !== null) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.strokes.push([this.place(event)]);
    this.draw();
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    // A browser reports a quick hand in bundles.
    const events = event.getCoalescedEvents?.() ?? [];
    this.strokes.at(-1).push(...(events.length ? events : [event]).map((one) => this.place(one)));
    this.draw();
  }

  end(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.keep(this.strokes);
  }

  // The sheet may be shown smaller than it is.
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.look.side / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  keep(strokes) {
    this.strokes = strokes;
    this.draw();
    this.tell(this);
  }

  // What is drawn as the address of a PNG; empty where nothing is.
  png() {
    return this.strokes.length ? this.canvas.toDataURL("image/png") : "";
  }

  // The same as {width, height, data}, four bytes a pixel; null where nothing is.
  pixels() {
    const { side } = this.look;
    return this.strokes.length ? this.context().getImageData(0, 0, side, side) : null;
  }

  // It is read after each stroke.
  context() {
    return this.canvas.getContext("2d", { willReadFrequently: true });
  }

  draw() {
    const { side, ink, paper, pen } = this.look;
    const context = this.context();
    Object.assign(context, { fillStyle: paper, strokeStyle: ink, lineWidth: pen, lineCap: "round", lineJoin: "round" });
    context.fillRect(0, 0, side, side);
    for (const [first, ...others] of this.strokes) {
      context.beginPath();
      context.moveTo(...first);
      // A line to where it starts is a dot.
      for (const place of others.length ? others : [first]) context.lineTo(...place);
      context.stroke();
    }
    this.undo.disabled = this.clear.disabled = !this.strokes.length;
  }
}
