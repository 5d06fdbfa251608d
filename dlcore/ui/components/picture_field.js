// A place for a picture that stays in this browser: what listens on the channel hears of it.
import { give } from "./given.js";
import { PicturePlace } from "./picture.js";

const PLACES = new WeakMap();
const KEPT = new Map(); // by channel: a picture outlives its place, which Streamlit may take away and draw anew

export default function ({ parentElement: root, data }) {
  const isNew = !PLACES.has(root);
  if (isNew) {
    const tell = (given) => {
      KEPT.set(data.channel, { ...KEPT.get(data.channel), given });
      give(data.channel, given);
    };
    PLACES.set(root, new PicturePlace(root, tell));
  }
  const place = PLACES.get(root);
  const { given = null, sent = "" } = KEPT.get(data.channel) ?? {};
  if (isNew && given) place.keep(given);
  place.show(data.texts);
  if (isNew) give(data.channel, given);
  // What was sent to the server before this browser was to answer; what is chosen here afterwards stays.
  if (data.sent && data.sent.token !== sent) {
    KEPT.set(data.channel, { given, sent: data.sent.token });
    fileOf(data.sent).then((file) => place.take([file]));
  }
  return () => {
    place.end();
    PLACES.delete(root);
  };
}

async function fileOf({ name, address }) {
  return new File([await (await fetch(address)).blob()], name);
}
