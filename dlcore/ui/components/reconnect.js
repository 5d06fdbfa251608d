// Tells when the page's server is there again after it was not.
const CONNECTED = "CONNECTED";

// Watches the root element of the page, on which Streamlit notes the state of its connection, and calls `back`.
// Returns what ends that.
export function watchConnection(app, Observer, back) {
  let away = app.dataset.testConnectionState !== CONNECTED;
  const observer = new Observer(() => {
    const before = away;
    away = app.dataset.testConnectionState !== CONNECTED;
    if (before && !away) back();
  });
  observer.observe(app, { attributeFilter: ["data-test-connection-state"] });
  return () => observer.disconnect();
}

export default function ({ setTriggerValue }) {
  const app = document.querySelector("[data-testid=stApp]");
  return watchConnection(app, MutationObserver, () => setTriggerValue("back", Date.now()));
}
