// A sheet whose drawing goes to the page as a PNG, or, where it names a channel, to what listens there in the browser.
import { give } from "./given.js";
import { Sheet } from "./sheet.js";

const SHEETS = new WeakMap();
const STROKES = new Map(); // what is drawn outlives the sheet, which Streamlit may take away and draw anew

export default function ({ parentElement: root, data, setStateValue }) {
  const isNew = !SHEETS.has(root);
  if (isNew) SHEETS.set(root, { sheet: new Sheet(root), told: "" });
  const field = SHEETS.get(root);
  const { sheet } = field;
  if (isNew) sheet.strokes = STROKES.get(data.name) ?? [];
  sheet.tell = () => {
    STROKES.set(data.name, sheet.strokes);
    if (data.channel) {
      const image = sheet.pixels();
      give(data.channel, image && { kind: "drawing", image, address: sheet.png() });
    } else if (sheet.png() !== field.told) setStateValue("png", (field.told = sheet.png()));
  };
  sheet.show(data);
  // What is drawn stays when another place is to answer.
  if (isNew || field.channel !== data.channel) sheet.tell();
  field.channel = data.channel;
  return () => SHEETS.delete(root);
}
