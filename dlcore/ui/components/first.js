// What has to be so before Streamlit's own script runs; the server puts it in front of that.
import { watchClosing } from "./closing.js";
import { guardHistory } from "./history_guard.js";

guardHistory(window);
watchClosing(window);

// Where the server is. Streamlit would try the address of the page first, and get a 404 on each but the first one.
window.__streamlit = { ...window.__streamlit, BACKEND_BASE_URL: `${location.origin}/` };
