"""The signals of a run's layers, drawn in the browser as the run goes on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.diagnosis.curves import LOGARITHMIC, SIGNAL_TITLES
from dlcore.records.signals import SignalKind
from dlcore.ui.components.live_view import LIVE_MILLISECONDS
from dlcore.ui.components.scripts import script
from dlcore.ui.shared.hues import HUES
from dlcore.ui.shared.i18n import _, language
from dlcore.web.plotly_js import SOURCES

_HTML = "<div class='dl-signals'><div class='dl-grid'></div><div class='dl-empty'></div></div>"
_CSS = """
.dl-signals { font-family: var(--st-font); color: var(--st-text-color); }
.dl-signals .dl-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: .75rem; }
.dl-signals .dl-card { border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); padding: .8rem .6rem .3rem .9rem; min-width: 0; }
.dl-signals .dl-title { font-weight: 600; font-size: .95rem; }
.dl-signals .dl-grid:empty, .dl-signals .dl-empty:empty { display: none; }
.dl-signals .dl-empty { color: var(--st-gray-text-color); padding: .5rem 0; }
"""

_component = st.components.v2.component(
    "signals_chart", html=_HTML, css=_CSS, js=script("signals_chart.js"), isolate_styles=False
)


def signals_chart(run_id: str, layers: Sequence[str], *, key: str, empty: str) -> None:
    """Draws the signals of a run, a chart for each kind with a line for each layer, and keeps them up to date.

    Args:
        run_id: whose signals.
        layers: the names of its layers, in their order.
        key: unique on the page.
        empty: what to say while nothing was recorded.
    """
    kinds = [
        {
            "kind": kind.value,
            "title": _(SIGNAL_TITLES[kind]),
            "log": kind in LOGARITHMIC,
            "share": kind is SignalKind.DEAD_SHARE,
        }
        for kind in SignalKind
    ]
    _component(
        key=key,
        data={
            "run": run_id,
            "layers": list(layers),
            "kinds": kinds,
            "interval": LIVE_MILLISECONDS,
            "language": language(),
            "hues": {theme: list(hues) for theme, hues in HUES.items()},
            "plotly": SOURCES,
            "texts": {"epoch": _("Epoch"), "empty": empty},
        },
    )
