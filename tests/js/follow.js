// Follows histories as a page does: each line of the input is one, with its data and batches of news; each line of
// the output what it came to.
import { createInterface } from "node:readline";

import { History } from "../../dlcore/ui/components/history.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { data, news } = JSON.parse(line);
  const history = new History(data);
  const stale = news.some((trials) => history.take(trials) === "stale");
  const groups = Object.entries(history.groups).map(([name, { x, y, of }]) => [name, { x, y, of }]);
  console.log(JSON.stringify(stale ? "stale" : Object.fromEntries(groups)));
}
