"""The curves of several runs in one chart a metric, drawn in the browser and kept up to date there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import streamlit as st

from dlcore.ui.components.live_view import LIVE_MILLISECONDS
from dlcore.ui.components.scripts import script
from dlcore.ui.shared import format as show
from dlcore.ui.shared.hues import DASHES, HUES
from dlcore.ui.shared.i18n import _, language
from dlcore.web.plotly_js import SOURCES

_HTML = "<div class='dl-compare'><div class='dl-grid'></div><div class='dl-empty'></div></div>"
_CSS = """
.dl-compare .dl-grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: .75rem; }
.dl-compare .dl-card { border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); padding: .8rem .6rem .3rem .9rem; min-width: 0; }
.dl-compare .dl-title { font-weight: 600; font-size: .95rem; color: var(--st-text-color); font-family: var(--st-font); }
.dl-compare .dl-quiet { font-weight: 400; opacity: .65; }
.dl-compare .dl-names { display: flex; flex-wrap: wrap; gap: .1rem .8rem; font-family: var(--st-font); font-size: .8rem; color: var(--st-text-color); }
.dl-compare .dl-name::before { content: "●"; color: var(--hue); margin-right: .3em; }
.dl-compare .dl-empty { color: var(--st-text-color); opacity: .65; font-family: var(--st-font); }
"""

_component = st.components.v2.component(
    "compare_chart", html=_HTML, css=_CSS, js=script("compare_chart.js"), isolate_styles=False
)


class ChartAxis(StrEnum):
    """What the x counts: over `time` the seconds since the start of each run, over `clock` the time of the day."""

    EPOCH = "epoch"
    BATCH = "batch"
    TIME = "time"
    CLOCK = "clock"


@dataclass(frozen=True)
class ComparedRun:
    """A run whose curves are asked for.

    Attributes:
        pace: seconds of one of its epochs, for runs that have not kept when each of them ended; None where that is
            not known either.
    """

    id: str
    pace: float | None


@dataclass(frozen=True)
class ComparedLine:
    """A run or a group of runs, drawn as one line: of several their mean, with a band from the lowest to the highest.

    Attributes:
        place: gives it its hue.
        ids: of its runs.
    """

    name: str
    place: int
    ids: tuple[str, ...]


def compare_chart(
    runs: Sequence[ComparedRun],
    lines: Sequence[ComparedLine],
    metrics: Sequence[str],
    *,
    axis: ChartAxis,
    key: str,
    smoothing: float = 0.0,
    log: bool = False,
    training: bool = False,
    baseline: int | None = None,
    height: int = 300,
) -> None:
    """Draws the curves of runs over each other, on the validation part where they have one.

    Args:
        runs: whose curves.
        lines: what is drawn of them.
        metrics: a chart each.
        axis: what the x counts.
        key: unique on the page.
        smoothing: weight of the past in an exponential mean, 0 for none.
        log: logarithmic y (but for shares and differences).
        training: whether the curves on the training part are drawn, too.
        baseline: the place of the line that is subtracted from all, if any.
        height: of each chart, in pixels.
    """
    _component(
        key=key,
        data={
            "runs": [asdict(run) for run in runs],
            "lines": [asdict(line) for line in lines],
            "metrics": list(metrics),
            "axis": axis.value,
            "smoothing": smoothing,
            "log": log,
            "training": training,
            "baseline": baseline,
            "height": height,
            "interval": LIVE_MILLISECONDS,
            "language": language(),
            "shares": list(show.PERCENT_METRICS),
            "hues": {theme: list(hues) for theme, hues in HUES.items()},
            "dashes": list(DASHES),
            "plotly": SOURCES,
            "labels": show.labels(),
            "texts": _texts(),
        },
    )


def _texts() -> dict[str, str]:
    return {
        "batch": _("Batch"),
        "epoch": _("Epoch"),
        "time": _("Seconds"),
        "minutes": _("Minutes"),
        "hours": _("Hours"),
        "days": _("Days"),
        "clock": _("Time"),
        "validation": _("on the validation part"),
        "train": _("on the training part"),
        "dotted": _("dotted: on the training part"),
        "band": _("band: from the lowest to the highest"),
        "minus": _("minus {name}"),
        "points": _("{difference} points"),
        "untimed": _("Runs that are not drawn: {n}. When their epochs ended was not kept."),
        "empty": _("None of these runs has a curve yet."),
    }
