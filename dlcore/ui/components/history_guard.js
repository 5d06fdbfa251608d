// What Back leads to: Streamlit makes an entry in the browser's history for each parameter that a page adds to its
// own address, which nobody means who presses Back.
const SUBJECTS = ["run", "study", "draft"];

// Whether a reader who presses Back wants to come back here: only another page, or another run, study or draft, is
// a step.
export function isStep(from, to) {
  if (from.pathname !== to.pathname) return true;
  return SUBJECTS.some((name) => {
    const [before, after] = [from, to].map((url) => url.searchParams.get(name));
    return before !== null && after !== null && before !== after;
  });
}

// Lets the history of a window keep steps alone.
//
// On the way to another page Streamlit may write the parameters of the next page into the address of this one, and
// only then the next page's path. Such a change, the last one since the reader's click, is taken back.
export function guardHistory({ history, location, addEventListener }) {
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let change = null;
  const forget = () => { change = null; };
  addEventListener("click", forget, true);
  addEventListener("popstate", forget, true);
  history.pushState = (state, title, url) => {
    const here = new URL(location.href);
    const target = new URL(url ?? here, here);
    const step = isStep(here, target);
    if (target.pathname === here.pathname) {
      change = { from: here.href, step };
      return step ? push(state, title, url) : replace(state, title, url);
    }
    const early = target.search && target.search === here.search ? change : null;
    forget();
    if (early?.step) return replace(state, title, url);
    if (early) replace(state, title, early.from);
    // The address without a page only leads on: who goes back does not want to be sent here again.
    return here.pathname.endsWith("/") ? replace(state, title, url) : push(state, title, url);
  };
}
