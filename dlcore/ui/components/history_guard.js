// What Back leads to: Streamlit makes an entry in the browser's history for each parameter that a page adds to its
// own address, which nobody means who presses Back.
const SUBJECTS = ["run", "study", "draft", "topic"];

// Whether a reader who presses Back wants to come back here: only another page, or another run, study, draft or
// topic of the textbook, is a step.
export function isStep(from, to) {
  if (from.pathname !== to.pathname) return true;
  return subjects(from, to).some(([before, after]) => before !== null && after !== null && before !== after);
}

// Whether an address no longer says what its page is about.
function drops(from, to) {
  return subjects(from, to).some(([before, after]) => before !== null && after === null);
}

function subjects(from, to) {
  return SUBJECTS.map((name) => [from, to].map((url) => url.searchParams.get(name)));
}

// Lets the history of a window keep steps alone.
//
// On the way to another page Streamlit may empty the address of this one, or write the parameters of the next page into
// it, and only then the next page's path. What was so changed since the reader's click is taken back.
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
      if (!change?.dropped) change = { from: here.href, step, dropped: drops(here, target) };
      return step ? push(state, title, url) : replace(state, title, url);
    }
    const early = change?.dropped || (target.search && target.search === here.search) ? change : null;
    forget();
    if (early?.step) return replace(state, title, url);
    if (early) replace(state, title, early.from);
    // The address without a page only leads on: who goes back does not want to be sent here again.
    return here.pathname.endsWith("/") ? replace(state, title, url) : push(state, title, url);
  };
}
