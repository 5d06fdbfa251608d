// The camera of this device. A photo goes to the page as a JPEG, or, where the page names a channel, to what listens
// there in the browser.
import { give } from "./given.js";
import { pixelsOf } from "./picture.js";

const FIELDS = new WeakMap();

class Camera {
  constructor(root) {
    const find = (name) => root.querySelector(`.${name}`);
    this.video = find("camera-video");
    this.photo = find("camera-photo");
    this.button = find("camera-button");
    this.note = find("camera-note");
    this.button.disabled = true;
    this.video.onloadeddata = () => this.draw();
    this.button.onclick = () => (this.isTaken ? this.begin() : this.take());
  }

  update({ data, setStateValue }) {
    const before = this.data;
    Object.assign(this, { data, setStateValue });
    this.draw();
    if (!before) this.begin();
    else if (before.channel !== data.channel) this.tell();
  }

  // Without a photo, until one is taken.
  async begin() {
    this.isTaken = false;
    this.tell();
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (this.isEnded) return this.stop();
      this.note.textContent = "";
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch (error) {
      // Where a page comes over plain HTTP, a browser has no `mediaDevices` at all.
      const { texts } = this.data;
      this.note.textContent = isSecureContext ? texts.failed.replace("{reason}", error.message) : texts.insecure;
    }
    this.draw();
  }

  take() {
    const { videoWidth: width, videoHeight: height } = this.video;
    Object.assign(this.photo, { width, height });
    this.photo.getContext("2d", { willReadFrequently: true }).drawImage(this.video, 0, 0);
    this.isTaken = true;
    this.stop();
    this.draw();
    this.tell();
  }

  draw() {
    const { texts } = this.data;
    this.button.textContent = this.isTaken ? texts.again : texts.take;
    this.button.disabled = !this.isTaken && !(this.stream && this.video.readyState >= 2);
    this.video.hidden = Boolean(this.isTaken);
    this.photo.hidden = !this.isTaken;
    this.photo.setAttribute("aria-label", texts.photo);
  }

  tell() {
    const { photo, isTaken, data } = this;
    if (data.channel) {
      const given = isTaken && { kind: "picture", image: pixelsOf(photo), address: photo.toDataURL("image/png") };
      give(data.channel, given || null);
      return;
    }
    const address = isTaken ? photo.toDataURL("image/jpeg", 0.92) : "";
    if (address !== (this.told ?? "")) this.setStateValue("photo", (this.told = address));
  }

  // Its light goes out.
  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = this.video.srcObject = null;
  }

  end() {
    this.isEnded = true;
    this.stop();
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!FIELDS.has(root)) FIELDS.set(root, new Camera(root));
  FIELDS.get(root).update(component);
  return () => {
    FIELDS.get(root)?.end();
    FIELDS.delete(root);
  };
}
