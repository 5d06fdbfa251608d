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
    try {
      this.given = await read(file);
    } catch {
      this.note.textContent = this.texts.unread;
      return;
    }
    this.note.textContent = file.name;
    this.shown.src = this.given.preview;
    this.shown.hidden = false;
    this.tell(this.given);
  }

  end() {
    document.removeEventListener("paste", this.pasted);
  }
}

async function read(file) {
  // As the server reads it: turned as the camera was held, its colours as they are in the file.
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const address = file.size <= MOST_SENT ? await addressOf(file) : "";
  return { kind: "picture", image: context.getImageData(0, 0, width, height), address, preview: canvas.toDataURL("image/png") };
}

function addressOf(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
