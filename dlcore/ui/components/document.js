// What belongs to the document as a whole and Streamlit leaves as it is: its language, and its history.
const GUARDED = Symbol.for("dlstudio.history");
const YEAR = 365 * 24 * 3600; // s
const SUBJECTS = ["run", "study", "draft"];

// Whether a reader who presses Back wants to come back here. Streamlit makes an entry for each parameter that a
// page adds to its own address; only another page, or another run, study or draft, is a step.
export function isStep(from, to) {
  if (from.pathname !== to.pathname) return true;
  return SUBJECTS.some((name) => {
    const [before, after] = [from, to].map((url) => url.searchParams.get(name));
    return before !== null && after !== null && before !== after;
  });
}

function guardHistory() {
  if (history[GUARDED]) return;
  history[GUARDED] = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const target = new URL(url ?? location.href, location.href);
    if (isStep(new URL(location.href), target)) push(state, title, url);
    else history.replaceState(state, title, url);
  };
}

export default function ({ data }) {
  guardHistory();
  document.documentElement.lang = data.language;
  if (data.cookie) document.cookie = `${data.cookie}; path=/; max-age=${YEAR}; samesite=lax`;
}
