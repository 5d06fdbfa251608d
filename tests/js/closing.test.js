// Why a connection has ended, by a window of the test.
import assert from "node:assert/strict";
import test from "node:test";

import { closedBy, watchClosing } from "../../dlcore/ui/components/closing.js";

class Socket extends EventTarget {
  static OPEN = 1;

  constructor(url, protocols) {
    super();
    Object.assign(this, { url, protocols });
  }

  close(code) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

test("the code of the last connection that there was is known", () => {
  const window = { WebSocket: Socket };
  watchClosing(window);
  assert.equal(closedBy(window), undefined);

  const first = new window.WebSocket("ws://here", ["streamlit"]);
  assert.deepEqual([first.url, first.protocols, window.WebSocket.OPEN], ["ws://here", ["streamlit"], 1]);
  first.dispatchEvent(new Event("open"));
  first.close(1012);
  assert.equal(closedBy(window), 1012);

  new window.WebSocket("ws://here").close(1006); // in vain: the server is away
  assert.equal(closedBy(window), 1012);
});
