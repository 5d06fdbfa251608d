// Links in tables open in the same tab: Streamlit draws tables on a canvas and opens every link of theirs in a new
// one. With Ctrl, Shift or the middle button a new tab is what the reader wants.
const native = window.open;
let keys = { ctrlKey: false, metaKey: false, shiftKey: false, button: 0 };
const remember = (event) => { keys = event; };

// Returns the page and the parameters that a link leads to, if it is to a page of ours in the same tab.
export function destination(url, here, pages, event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button === 1) return null;
  let target;
  try {
    target = new URL(url, here);
  } catch {
    return null;
  }
  const name = target.pathname.slice(target.pathname.lastIndexOf("/") + 1);
  if (target.origin !== new URL(here).origin || !pages.includes(name)) return null;
  return { page: name, query: target.search.slice(1) };
}

export default function ({ data, setTriggerValue }) {
  addEventListener("pointerup", remember, true);
  addEventListener("keydown", remember, true);
  window.open = (url, target, features) => {
    const found = target === "_blank" ? destination(url, document.baseURI, data.pages, keys) : null;
    if (found === null) return native.call(window, url, target, features);
    setTriggerValue("followed", found);
    return null;
  };
  return () => {
    removeEventListener("pointerup", remember, true);
    removeEventListener("keydown", remember, true);
    window.open = native;
  };
}
