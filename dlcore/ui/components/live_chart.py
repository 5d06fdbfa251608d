"""The live curves of a run, drawn in the browser; a tick costs one small request and no script run."""

from __future__ import annotations

from collections.abc import Sequence

import plotly
import streamlit as st

from dlcore.records import Axis
from dlcore.spec.metrics import METRICS
from dlcore.ui.components.live_view import LIVE_MILLISECONDS
from dlcore.ui.components.scripts import script
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, language

_HTML = "<div class='dl-live'><div class='dl-grid'></div><div class='dl-empty'></div></div>"
_CSS = """
.dl-grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 1rem; }
.dl-card { border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); padding: .8rem .6rem .3rem .9rem; min-width: 0; }
.dl-title { font-weight: 600; font-size: .95rem; color: var(--st-text-color); font-family: var(--st-font); }
.dl-empty { color: var(--st-text-color); opacity: .65; padding: 1.5rem 0; font-family: var(--st-font); }
"""


PLOTLY_URL = f"/vendor/plotly-{plotly.__version__}.min.js"
_component = st.components.v2.component(
    "live_chart", html=_HTML, css=_CSS, js=script("live_chart.js"), isolate_styles=False
)

ORDER = ("loss", *METRICS, "learning_rate")


def live_chart(
    run_id: str,
    *,
    axis: Axis,
    key: str,
    empty: str,
    smoothing: float = 0.0,
    log: bool = False,
    only: Sequence[str] | None = None,
    height: int = 270,
) -> None:
    """Draws the curves of a run and keeps them up to date.

    Args:
        run_id: whose curves.
        axis: what the x counts.
        key: unique on the page.
        empty: what to say while there is no curve.
        smoothing: weight of the past in an exponential mean, 0 for none.
        log: logarithmic y (but for accuracies).
        only: names of the curves to show; all of this axis otherwise.
        height: of each chart, in pixels.
    """
    _component(
        key=key,
        data={
            "run": run_id,
            "axis": axis.value,
            "interval": LIVE_MILLISECONDS,
            "language": language(),
            "smoothing": smoothing,
            "log": log,
            "only": list(only) if only is not None else None,
            "order": list(ORDER),
            "shares": list(show.PERCENT_METRICS),
            "height": height,
            "plotly": PLOTLY_URL,
            "labels": show.labels(),
            "texts": {
                "batch": _("Batch"),
                "epoch": _("Epoch"),
                "time": _("Seconds"),
                "empty": empty,
            },
        },
    )
