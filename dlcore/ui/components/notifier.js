// The browser's notifications of alerts: asked for by a click, kept in this browser, and shown while nobody looks.
import { Notifier } from "./notifications.js";

const STATE = Symbol.for("dlstudio.notifier");

// Of the window, not of the button: it goes on when the button is no longer there.
const one = (window[STATE] ??= new Notifier(window));

export default function (component) {
  const button = component.parentElement.querySelector(".dl-notify");
  const draw = () => {
    const { supported, permission, on } = one;
    button.hidden = !supported || !component.data.button;
    button.disabled = permission === "denied";
    button.textContent = component.data.texts[permission === "denied" ? "denied" : on ? "on" : "off"];
  };
  one.update(component.data);
  button.onclick = () => one.toggle().then(draw);
  draw();
}
