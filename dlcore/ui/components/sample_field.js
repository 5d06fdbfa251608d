// A picture of the dataset, which the page has: what listens on the channel hears of it.
import { give } from "./given.js";
import { readPicture } from "./picture.js";

const SHOWN = new WeakMap();

export default function ({ parentElement: root, data }) {
  const asked = `${data.channel} ${data.address}`;
  if (SHOWN.get(root) === asked) return;
  SHOWN.set(root, asked);
  (async () => {
    const given = await readPicture(await (await fetch(data.address)).blob());
    if (SHOWN.get(root) === asked) give(data.channel, given);
  })();
}
