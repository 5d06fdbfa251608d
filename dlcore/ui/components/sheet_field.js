// A sheet whose drawing goes to the page as a PNG, or, where it names a channel, to what listens there in the browser.
import { give } from "./given.js";
import { Sheet } from "./sheet.js";

const SHEETS = new WeakMap();

export default function ({ parentElement: root, data, setStateValue }) {
  const before = SHEETS.get(root);
  const tell = (sheet) => {
    if (!data.channel) return setStateValue("png", sheet.png());
    const image = sheet.pixels();
    give(data.channel, image && { kind: "drawing", image, address: sheet.png() });
  };
  const sheet = before?.sheet ?? new Sheet(root, tell);
  sheet.tell = tell;
  sheet.show(data);
  SHEETS.set(root, { sheet, channel: data.channel });
  // What is drawn stays when another place is to answer.
  if (before && before.channel !== data.channel && sheet.strokes.length) tell(sheet);
  return () => SHEETS.delete(root);
}
