"""The end of a run's console log, kept up to date in the browser."""

from __future__ import annotations

import streamlit as st

from dlcore.ui.components.live_view import LIVE_MILLISECONDS
from dlcore.ui.components.scripts import script
from dlcore.ui.shared.i18n import _, language
from dlcore.web.charts import LOG_LINES

_CSS = """
.dl-log {
  overflow-y: auto; padding: .8rem 1rem; border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  background: var(--st-code-background-color); color: var(--st-code-text-color);
  font-family: var(--st-code-font); font-size: var(--st-code-font-size); line-height: 1.5;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.dl-log:empty::before { content: attr(data-empty); font-family: var(--st-font); }
.dl-log time { margin-right: 2ch; opacity: .7; }
"""
_component = st.components.v2.component(
    "live_log",
    html="<div class='dl-log' role='log' aria-live='off' tabindex='0'></div>",
    css=_CSS,
    js=script("live_log.js"),
    isolate_styles=False,
)


def live_log(run_id: str, *, key: str, height: int = 460) -> None:
    """Draws the last lines of a run's log and adds what it says further.

    Args:
        run_id: whose.
        key: unique on the page.
        height: at most, in pixels; beyond, it scrolls.
    """
    _component(
        key=key,
        data={
            "run": run_id,
            "interval": LIVE_MILLISECONDS,
            "language": language(),
            "most": LOG_LINES,
            "label": _("Log"),
            "empty": _("Nothing was written yet."),
            "height": height,
        },
    )
