"""Figures of a study that need the browser: the live history, and axes that select trials by a brush."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dlcore.plots.studies import (
    Goal,
    HistoryInfo,
    Marks,
    ParallelInfo,
    history_figure,
    history_info,
)
from dlcore.plots.studies.history import edge_without_value, first_start, time_unit
from dlcore.records import Study, Trial
from dlcore.text import short_text
from dlcore.ui.components.live_view import LIVE_MILLISECONDS
from dlcore.ui.components.scripts import nothing, script
from dlcore.ui.shared.i18n import _, language
from dlcore.web.plotly_js import SOURCES

_HTML = "<div class='dl-study'></div>"
_component = st.components.v2.component(
    "study_chart", html=_HTML, js=script("study_chart.js"), isolate_styles=False
)
_parallel = st.components.v2.component(
    "parallel_axes",
    html="<div class='dl-parallel'><div class='dl-room'><canvas></canvas><svg role='img'></svg></div></div>",
    css="""
.dl-parallel { overflow-x: auto; }
.dl-room { position: relative; }
.dl-room canvas { display: block; }
.dl-room svg { position: absolute; inset: 0; }
.dl-axis { cursor: crosshair; touch-action: none; }
""",
    js=script("parallel.js"),
    isolate_styles=False,
)

MOST_POINTS = 1_000
"""Of a group in the history: it is drawn again at each change."""

Ranges = Mapping[int, Sequence[tuple[float, float]]]
"""Place of an axis to the stretches of it that are brushed."""


def _plain(drawn: go.Figure) -> dict[str, Any]:
    """Returns a figure as the browser takes it, without the template: colours and fonts are the theme's."""
    found: dict[str, Any] = json.loads(drawn.to_json())
    found["layout"].pop("template", None)
    return found


def live_history(
    study: Study,
    trials: Sequence[Trial],
    goal: Goal,
    *,
    since: int,
    by_time: bool,
    log: bool,
    live: bool,
    on_click: Callable[[], None],
    key: str,
) -> None:
    """Draws the history, and adds what the study's trials come to while it is `live`.

    Args:
        study: whose.
        trials: all of them at the revision `since`.
        goal: what they are judged by.
        since: from where on the browser asks for more.
        by_time: over the time instead of the number.
        log: logarithmic values.
        live: whether to ask once a second.
        on_click: called after a click on a trial, whose number is then in the state under `key`.
        key: unique on the page.
    """
    _component(
        key=key,
        data={
            "plotly": SOURCES,
            "name": f"{study.id}|{goal.objective}|{by_time}|{log}",
            **history_data(study, trials, goal, since=since, by_time=by_time, log=log, live=live),
        },
        on_clicked_change=on_click,
        on_stale_change=nothing,
    )


def history_data(
    study: Study, trials: Sequence[Trial], goal: Goal, *, since: int, by_time: bool, log: bool, live: bool
) -> dict[str, Any]:
    """Returns what `history.js` continues from; the arguments are those of `live_history`."""
    target = study.target if not goal.objective else None
    info = history_info(trials, goal, target=target, by_time=by_time, most=MOST_POINTS)
    return {
        "figure": _plain(history_figure(info, goal, log=log, translate=_)),
        "blank": _plain(history_figure(_one_each(by_time), goal, translate=_))["data"],
        "live": {
            **_scale(info, trials),
            "study": study.id,
            "since": max(0, since),
            "on": live,
            "interval": LIVE_MILLISECONDS,
            "language": language(),
            "objective": goal.objective,
            "sign": goal.sign,
            "edge": edge_without_value(goal),
        },
    }


def _scale(info: HistoryInfo, trials: Sequence[Trial]) -> dict[str, Any]:
    """Returns how the browser finds the place of a new trial."""
    latest = max((x for marks in _groups(info) for x in marks.x), default=0.0)
    began = first_start(trials)
    return {
        "began": began.timestamp() if began else None,
        "unit": time_unit(latest)[0] if info.by_time else 1.0,
        "by_time": info.by_time,
    }


def _groups(info: HistoryInfo) -> tuple[Marks, ...]:
    return (info.counting, info.beyond, info.bad, info.pruned, info.without, info.failed)


def _one_each(by_time: bool) -> HistoryInfo:
    """Returns a history with one trial in every group, so that the browser learns how each is drawn."""
    one = Marks((0,), (0.0,), (0.5,))
    return HistoryInfo(one, one, one, one, one, one, one, None, 0, by_time)


def brushed_axes(info: ParallelInfo, *, on_brush: Callable[[], None], key: str, name: str) -> None:
    """Draws one line per trial; what is brushed is then in the state under `key`.

    Args:
        info: what is drawn.
        on_brush: called after each change of a brush.
        key: unique on the page.
        name: of what is shown; another name, no brush.
    """
    axes = [
        {
            "label": short_text(axis.name, 16 if axis.path else 30),
            "path": axis.path,
            "positions": axis.positions,
            "ticks": axis.ticks,
            "texts": axis.texts,
            "low": axis.low,
            "high": axis.high,
        }
        for axis in info.axes
    ]
    _parallel(key=key, data={"name": name, "axes": axes, "shades": info.shades}, on_ranges_change=on_brush)


def clicked_trial(key: str) -> int | None:
    """Returns the number of the trial that was clicked in the chart of that key."""
    found = st.session_state.get(key, {}).get("clicked")
    return found if isinstance(found, int) else None


def brushed_ranges(key: str) -> Ranges:
    """Returns what is brushed in the chart of that key."""
    given = st.session_state.get(key, {}).get("ranges")
    found: dict[int, list[tuple[float, float]]] = {}
    for place, pairs in given.items() if isinstance(given, dict) else ():
        pairs = [(float(low), float(high)) for low, high in pairs]
        if place.isdecimal() and all(math.isfinite(end) for pair in pairs for end in pair):
            found[int(place)] = pairs
    return found


def selected_trials(drawn: ParallelInfo, whole: ParallelInfo, brushed: Ranges) -> frozenset[int]:
    """Returns the numbers of the trials that are within all brushes.

    Args:
        drawn: the lines on which the brushes were made.
        whole: the same axes with all trials, also those that are not drawn.
        brushed: by place of an axis.

    Example:
        >>> selected_trials(ParallelInfo((), (), (), None, 0), ParallelInfo((3, 4), (), (), None, 0), {})
        frozenset({3, 4})
    """
    kept = set(whole.numbers)
    for place, pairs in brushed.items():
        if place >= len(whole.axes) or place >= len(drawn.axes):
            continue
        axis, shown = whole.axes[place], drawn.axes[place]
        # Lines without the parameter cross below the axis, and where that is depends on the others.
        at = {
            number: shown.absent if position == axis.absent and shown.absent is not None else position
            for number, position in zip(whole.numbers, axis.positions, strict=True)
        }
        kept &= {number for number, here in at.items() if any(low <= here <= high for low, high in pairs)}
    return frozenset(kept)
