// A place for a picture of the person's own, which stays in this browser: chosen, dropped or pasted.
const MOST_SENT = 8e6;

export class PicturePlace {
  // tell: called with {kind, image, address} once a picture is here.
  constructor(root, tell) {
    const find = (name) => root.querySelector(`.${name}`);
    this.card = find("picture-place");
    this.input = find("picture-input");
    this.shown = find("picture-shown");
    this.note = find("picture-note");
    this.button = find("picture-choose");
    this.tell = tell;
    this.button.onclick = () => this.input.click();
    this.input.onchange = () => this.take(this.input.files);
    this.card.ondragover = (event) => event.preventDefault();
    this.card.ondrop = (event) => {
      event.preventDefault();
      this.take(event.dataTransfer.files);
    };
    this.pasted = (event) => this.paste(event);
    document.addEventListener("paste", this.pasted);
  }

  show(texts) {
    this.texts = texts;
    this.button.textContent = texts.choose;
    this.shown.alt = texts.given;
    if (!this.given) this.note.textContent = texts.hint;
    this.take(this.input.files); // chosen before this script listened
  }

  // What is pasted into a field belongs there.
  paste(event) {
    const files = event.clipboardData?.files ?? [];
    if (!files.length || event.target.closest?.("input, textarea")) return;
    event.preventDefault();
    this.take(files);
  }

  async take([file]) {
    if (!file) return;
    this.input.value = "";
    const number = (this.number = (this.number ?? 0) + 1);
    let found = null;
    try {
      found = { ...(await readPicture(file)), name: file.name };
    } catch {
      if (number === this.number) this.note.textContent = this.texts.unread;
      return;
    }
    if (number !== this.number) return; // another one was chosen meanwhile
    this.keep(found);
    this.tell(found);
  }

  // Shows what is given.
  keep(given) {
    this.given = given;
    this.note.textContent = given.name;
    this.shown.src = given.preview;
    this.shown.hidden = false;
  }

  end() {
    document.removeEventListener("paste", this.pasted);
  }
}

// {kind, image, address, preview} of a file; fails where it is no picture.
export async function readPicture(file) {
  // As the server reads it: turned as the camera was held, its colours as they are in the file.
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(bitmap, 0, 0);
  const address = file.size <= MOST_SENT ? await addressOf(file) : "";
  return { kind: "picture", image: pixelsOf(canvas), address, preview: canvas.toDataURL("image/png") };
}

// {width, height, data} of a canvas, four bytes a pixel.
export function pixelsOf(canvas) {
  return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
}

function addressOf(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
