// When news of a page may run its script: not in the moment after somebody has clicked or typed. Streamlit breaks off
// the script that runs for the sake of the next one, and with it what the click has asked for.
const QUIET = 1000; // ms after a click or a key in which what it asks for is on its way
const ENDS = 200; // ms after which a script that runs may have ended
let acted = 0;

for (const kind of ["pointerdown", "click", "keydown"]) addEventListener(kind, () => (acted = Date.now()), true);

// The ms after which to look again; 0: now is the time.
export function untilCalm() {
  const app = document.querySelector("[data-testid=stApp]");
  return Math.max(acted + QUIET - Date.now(), app?.dataset.testScriptState === "running" ? ENDS : 0);
}
