"""The live curves of a run, drawn in the browser; a tick costs one small request and no script run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from dlcore.records import Axis
from dlcore.spec.measure_name import LOSS, MeasureName
from dlcore.spec.metrics import METRICS
from dlcore.ui.components.live_view import LIVE_MILLISECONDS, Card
from dlcore.ui.components.scripts import script
from dlcore.ui.shared import format as show
from dlcore.ui.shared.hues import HUES
from dlcore.ui.shared.i18n import _, language
from dlcore.web.plotly_js import SOURCES

_HTML = (
    "<div class='dl-live'><div class='dl-replay'></div><div class='dl-front'><div class='dl-card dl-facts'></div></div>"
    "<div class='dl-grid'></div><div class='dl-empty'></div></div>"
)
_CSS = """
.dl-live { display: flex; flex-direction: column; gap: .75rem; container-type: inline-size; font-family: var(--st-font); color: var(--st-text-color); }
.dl-front { display: grid; gap: .75rem; grid-template-columns: minmax(0, 1fr); }
.dl-live .dl-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr)); gap: .75rem; }
.dl-card { border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); padding: .8rem .6rem .3rem .9rem; min-width: 0; }
.dl-title { font-weight: 600; font-size: .95rem; }
.dl-title .dl-quiet { font-weight: 400; color: var(--st-gray-text-color); }
.dl-facts { order: 1; display: flex; flex-wrap: wrap; gap: .8rem 1.6rem; padding: .8rem .9rem; }
.dl-fact-label { font-size: .875rem; }
.dl-fact-value { font-size: var(--st-metric-value-font-size); font-weight: var(--st-metric-value-font-weight); line-height: 1.3; font-variant-numeric: tabular-nums; }
.dl-fact-under { display: inline-block; padding: 0 .45rem; border-radius: .8rem; font-size: .8rem; background: var(--st-gray-background-color); color: var(--st-gray-text-color); }
.dl-replay { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; font-size: .875rem; }
.dl-replay > input { flex: 1 1 8rem; min-width: 6rem; accent-color: var(--st-primary-color); }
.dl-replay > :is(button, select) { font: inherit; color: inherit; background: none; border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); padding: .3rem .75rem; min-height: 2.25rem; cursor: pointer; }
.dl-replay > select option { color: initial; background: initial; }
.dl-replay > button { min-width: 7.5rem; }
.dl-replay > :is(button, select):hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
.dl-replay > span { font-variant-numeric: tabular-nums; }
.dl-replay:empty, .dl-facts:empty, .dl-front:not(:has(.dl-card:not(.dl-facts))), .dl-grid:empty, .dl-empty:empty { display: none; }
.dl-empty { color: var(--st-gray-text-color); padding: 1.5rem 0; }
@container (max-width: 420px) {
  .dl-replay > input { order: 1; flex-basis: 100%; }
  .dl-replay > select { margin-left: auto; }
}
@container (min-width: 620px) {
  .dl-front:has(.dl-card:nth-child(3)) { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .dl-facts { grid-column: 1 / -1; }
}
@container (min-width: 900px) {
  .dl-front:has(.dl-facts:not(:empty)) { grid-template-columns: minmax(0, 1fr) 168px; }
  .dl-front:has(.dl-facts:not(:empty)):has(.dl-card:nth-child(3)) { grid-template-columns: repeat(2, minmax(0, 1fr)) 168px; }
  .dl-facts { grid-column: auto; flex-direction: column; justify-content: space-between; }
}
"""


_component = st.components.v2.component(
    "live_chart", html=_HTML, css=_CSS, js=script("live_chart.js"), isolate_styles=False
)

ORDER = ("loss", *METRICS, "learning_rate")


@dataclass(frozen=True)
class Judge:
    """By which curve one epoch of a run is the best.

    Attributes:
        name: of the metric, on the validation part.
        higher: whether higher is better.
    """

    name: str
    higher: bool


@dataclass(frozen=True)
class Replay:
    """How a run that has ended can be shown as if it were at work.

    Attributes:
        seconds: how long it took.
        auto: it begins by itself, unless the reader wants no motion.
    """

    seconds: float
    auto: bool = False


def live_chart(
    run_id: str,
    *,
    axis: Axis,
    main: Sequence[str],
    judge: Judge,
    epochs: int,
    key: str,
    empty: str,
    test: Card | None = None,
    numbers: Sequence[Card] = (),
    smoothing: float = 0.0,
    log: bool = False,
    outputs: Sequence[str] = (),
    replay: Replay | None = None,
    brief: bool = False,
) -> None:
    """Draws the curves of a run and keeps them up to date.

    The first two charts are large, with the best epoch marked; below the curves of one there is the learning rate,
    below those of the other what the machine did. All other curves have small charts.

    Args:
        run_id: whose curves.
        axis: what the x counts; the machine's meters are over time.
        main: names of the curves in the large charts, at most two.
        judge: which epoch is the best.
        epochs: how many there will be.
        key: unique on the page.
        empty: what to say while there is no curve.
        test: what was measured on the test part; it stands beside the charts, and below it the best value of each.
        numbers: what else stands there.
        smoothing: weight of the past in an exponential mean, 0 for none.
        log: logarithmic y (but for shares).
        outputs: of a model with several, their names; what is measured on each has curves of its own.
        replay: how it can be shown as if it were at work; None of one that is at work.
        brief: only the large charts, and nothing of the machine.
    """
    _component(
        key=key,
        data={
            "run": run_id, "axis": axis.value, "main": list(main), "judge": asdict(judge), "epochs": epochs,
            "test": asdict(test) if test else None, "numbers": [asdict(number) for number in numbers],
            "smoothing": smoothing, "log": log,
            "replay": asdict(replay) if replay else None, "brief": brief,
            "texts": {**_texts(), "empty": empty},
            **_always(outputs),
        },
    )  # fmt: skip


def _always(outputs: Sequence[str]) -> dict[str, Any]:
    further = [str(MeasureName(metric, output=output)) for output in outputs for metric in (LOSS, *METRICS)]
    return {
        "interval": LIVE_MILLISECONDS,
        "language": language(),
        "order": [*ORDER, *further],
        "shares": [*show.PERCENT_METRICS, *filter(show.is_share, further)],
        "hues": {theme: hues[0] for theme, hues in HUES.items()},
        "plotly": SOURCES,
        "labels": show.labels() | {name: show.measure_title(name) for name in further},
    }


def _texts() -> dict[str, str]:
    return {
        "batch": _("by batch"),
        "epoch": _("by epoch"),
        "time": _("by second"),
        "machine": _("Machine, %"),
        "best": _("Best: {value}"),
        "best_epoch": _("Best: epoch {n} · {value}"),
        "best_of": _("{metric}, best"),
        "of": _("epoch {n} of {epochs}"),
        "replay": _("Replay"),
        "hold": _("Pause"),
        "moment": _("Moment of the run"),
        "speed": _("Speed of the replay"),
    }
