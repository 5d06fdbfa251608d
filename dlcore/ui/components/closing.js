// Why a connection has ended: the server says so as it closes it, and Streamlit keeps it to itself.
const CODE = Symbol.for("dlstudio.closed");

// Notes the code with which the last websocket of a window was closed.
export function watchClosing(window) {
  window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("close", ({ code }) => {
        if (this.wasOpen) window[CODE] = code;
      });
      // While the server is away Streamlit tries in vain: that says nothing of why.
      this.addEventListener("open", () => { this.wasOpen = true; });
    }
  };
}

// Returns the code of the last connection that was closed, if any was.
export function closedBy(window) {
  return window[CODE];
}
