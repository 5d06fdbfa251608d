// Reads lines of JSON: what is given, and the plan of a model. Answers each with what the model sees.
import { createInterface } from "node:readline";

import { drawnPixels, onWhite, prepared } from "../../dlcore/browser/pixels.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { kind, width, height, data, plan } = JSON.parse(line);
  const given = { width, height, data: Uint8Array.from(Buffer.from(data, "base64")) };
  const picture = kind === "drawing" ? drawnPixels(given, plan.drawing) : onWhite(given);
  const seen = picture && prepared(picture, plan.steps);
  console.log(JSON.stringify(seen && { shape: [seen.height, seen.width, seen.channels], values: [...seen.values] }));
}
