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

// Lets a history keep steps alone; `location` says where the page is.
export function guardHistory(history, location) {
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const target = new URL(url ?? location.href, location.href);
    if (isStep(new URL(location.href), target)) push(state, title, url);
    else history.replaceState(state, title, url);
  };
}
