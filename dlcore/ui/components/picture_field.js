// A place for a picture that stays in this browser: what listens on the channel hears of it.
import { give } from "./given.js";
import { PicturePlace } from "./picture.js";

const PLACES = new WeakMap();

export default function ({ parentElement: root, data }) {
  if (!PLACES.has(root)) PLACES.set(root, new PicturePlace(root, (given) => give(data.channel, given)));
  const place = PLACES.get(root);
  place.show(data.texts);
  give(data.channel, place.given ?? null);
  return () => {
    place.end();
    PLACES.delete(root);
  };
}
