"""The history of a search: its values over time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_text, value_axis
from dlcore.plots.studies.axes import default_range
from dlcore.plots.studies.goals import (
    BEYOND,
    FAINT,
    MOST_POINTS,
    STATE_COLOURS,
    STATE_NAMES,
    Flags,
    Floats,
    Goal,
    ScoredTrials,
    Whole,
    column,
    keep_peaks,
    score_trials,
)
from dlcore.records import Trial, TrialState

HOURS, MINUTES = 3_600.0, 60.0


@dataclass(frozen=True)
class Marks:
    """Trials as points; `y` is empty where none has a value."""

    numbers: tuple[int, ...] = ()
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()


@dataclass(frozen=True)
class HistoryInfo:
    """The trials in their order; of many in each group those are kept that stand out.

    Attributes:
        counting: complete trials that can be the best.
        beyond: complete, but beyond the constraints.
        bad: complete, but marked as bad.
        pruned: at the last value that was seen.
        without: pruned before there was a value.
        failed: without values.
        best: the steps of the best value so far, and the last trial.
        target: the value that was aimed at.
        left_out: complete trials whose value is not finite.
        by_time: whether x is seconds since the first trial began, instead of the number.
    """

    counting: Marks
    beyond: Marks
    bad: Marks
    pruned: Marks
    without: Marks
    failed: Marks
    best: Marks
    target: float | None
    left_out: int
    by_time: bool


def first_start(trials: Iterable[Trial]) -> datetime | None:
    """Returns when the first trial began, if one has."""
    return min((trial.started_at for trial in trials if trial.started_at), default=None)


def history_info(
    trials: Sequence[Trial],
    goal: Goal,
    *,
    target: float | None = None,
    by_time: bool = False,
    most: int = MOST_POINTS,
) -> HistoryInfo:
    """Returns the trials, ready to draw.

    Args:
        trials: of the study, in any order.
        goal: what they are judged by.
        target: the value that is aimed at.
        by_time: over the time at which they ended instead of their numbers.
        most: points in each group.
    """
    began = first_start(trials)

    def x_of(trial: Trial) -> float:
        if not by_time:
            return float(trial.number)
        ended = trial.finished_at or trial.started_at or trial.created_at
        return (ended - began).total_seconds() if began else 0.0

    judged = score_trials(trials, goal)
    x = np.array([x_of(trial) for trial in judged.trials], np.float64)
    bad = np.array([trial.bad for trial in judged.trials], np.bool_)
    failed = [trial for trial in trials if trial.state is TrialState.FAIL]
    pruned = [trial for trial in trials if trial.state is TrialState.PRUNED]
    seen = [trial for trial in pruned if math.isfinite(goal.of(trial))]
    unseen = [trial for trial in pruned if not math.isfinite(goal.of(trial))]

    def marks(group: Sequence[Trial], *, valued: bool = False) -> Marks:
        numbers = np.array([trial.number for trial in group], np.int64)
        places = np.array([x_of(trial) for trial in group], np.float64)
        values = np.array([goal.of(trial) for trial in group], np.float64) if valued else None
        return _marks(numbers, places, values, most)

    def complete(mask: Flags) -> Marks:
        return _marks(judged.numbers[mask], x[mask], judged.values[mask], most)

    results = complete(judged.counts), complete(~judged.counts & ~bad), complete(bad)
    others = marks(seen, valued=True), marks(unseen), marks(failed)
    best = _best_so_far(judged, x, goal)
    return HistoryInfo(*results, *others, best, target, judged.left_out, by_time)


def _marks(numbers: Whole, x: Floats, values: Floats | None, most: int) -> Marks:
    order = np.argsort(x, kind="stable")
    numbers, x = numbers[order], x[order]
    if values is None:
        kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), most)).astype(np.int64))
        return Marks(tuple(numbers[kept].tolist()), tuple(x[kept].tolist()))
    values = values[order]
    kept = keep_peaks(values, most)
    return Marks(tuple(numbers[kept].tolist()), tuple(x[kept].tolist()), tuple(values[kept].tolist()))


def _best_so_far(judged: ScoredTrials, x: Floats, goal: Goal) -> Marks:
    counting = judged.chosen(judged.counts)
    if not counting.trials:
        return Marks()
    order = np.argsort(x[judged.counts], kind="stable")
    numbers, values = counting.numbers[order], counting.values[order]
    best = np.minimum.accumulate(values * goal.sign)
    steps = np.flatnonzero(np.append(True, np.diff(best) < 0))
    holders = numbers[steps]
    end = float(x.max())
    at = x[judged.counts][order][steps]
    found = values[steps]
    if end > at[-1]:
        holders, at, found = np.append(holders, holders[-1]), np.append(at, end), np.append(found, found[-1])
    kept = keep_peaks(found)
    return Marks(tuple(holders[kept].tolist()), tuple(at[kept].tolist()), tuple(found[kept].tolist()))


def time_unit(seconds: float) -> tuple[float, str]:
    """Returns what a span of time is divided by to be shown, and the translatable title of its axis."""
    if seconds >= 3 * HOURS:
        return HOURS, N_("Hours since the beginning")
    if seconds >= 3 * MINUTES:
        return MINUTES, N_("Minutes since the beginning")
    return 1.0, N_("Seconds since the beginning")


def edge_without_value(goal: Goal) -> float:
    """At what share of the height trials without a value stand: where values are worse it is emptier."""
    return 0.98 if goal.direction == "minimize" else 0.02


def history_figure(
    info: HistoryInfo, goal: Goal, *, log: bool = False, translate: Translate = str
) -> go.Figure:
    """Draws one point per trial, and a line of the best so far.

    Values far off are seen after a double click. `customdata[0]` is the number of the trial.

    Args:
        info: what is drawn.
        goal: what the trials are judged by.
        log: whether the values have a logarithmic axis.
        translate: for the texts.
    """
    groups = (info.counting, info.beyond, info.bad, info.pruned, info.without, info.failed)
    latest = max((x for group in groups for x in group.x), default=0.0)
    unit, title = time_unit(latest) if info.by_time else (1.0, N_("Trial"))
    say = _TraceMaker(goal, unit, translate)
    edge = edge_without_value(goal)
    failed = replace(info.failed, y=(edge,) * len(info.failed.x))
    without = replace(info.without, y=(edge,) * len(info.without.x))
    pruned, fail = STATE_COLOURS[TrialState.PRUNED], STATE_COLOURS[TrialState.FAIL]
    aside = {"yaxis": "y2", "showlegend": not info.pruned.x}
    traces = [
        say.points(info.counting, STATE_NAMES[TrialState.COMPLETE], {"size": 6, "opacity": 0.65}),
        say.best(info.best),
        say.points(info.pruned, STATE_NAMES[TrialState.PRUNED], _mark("line-ns-open", pruned, 0.7)),
        say.points(without, STATE_NAMES[TrialState.PRUNED], _mark("line-ns-open", pruned, 0.7), **aside),
        say.points(info.beyond, N_("Violating the constraints"), _mark("diamond-open", BEYOND, 0.8)),
        say.points(info.bad, N_("Marked as bad"), _mark("x-thin-open", FAINT, 1)),
        say.points(failed, STATE_NAMES[TrialState.FAIL], _mark("x-thin-open", fail, 0.8), yaxis="y2"),
    ]
    values = [y for marks in (info.counting, info.pruned, info.beyond) for y in marks.y]
    also = (*info.best.y[-1:], *([info.target] if info.target is not None else ()))
    view = None if log else default_range(values, *also)
    drawn = figure(
        [trace for trace in traces if trace.x.size],
        legend=True,
        height=380,
        hovermode="closest",
        xaxis=value_axis(translate(title), zeroline=False),
        yaxis=value_axis(
            figure_text(goal.title), zeroline=False, type="log" if log else "linear", range=view
        ),
        yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
    )
    if info.target is not None and (info.target > 0 or not log):
        _draw_target(drawn, info.target, translate, log=log)
    return drawn


def _mark(symbol: str, colour: str, opacity: float) -> dict[str, Any]:
    return {"symbol": symbol, "size": 6, "color": colour, "opacity": opacity, "line": {"width": 1.5}}


def _draw_target(drawn: go.Figure, target: float, translate: Translate, *, log: bool) -> None:
    colour = STATE_COLOURS[TrialState.COMPLETE]
    drawn.add_shape(
        type="line",
        x0=0,
        x1=1,
        xref="paper",
        y0=target,
        y1=target,
        line={"dash": "dot", "width": 1.5, "color": colour},
    )
    drawn.add_annotation(
        text=translate(N_("Target")),
        x=1,
        xref="paper",
        xanchor="right",
        # Of a logarithmic axis Plotly takes values for lines, and exponents for texts.
        y=math.log10(target) if log else target,
        yanchor="bottom",
        font={"color": colour, "size": 12},
        showarrow=False,
    )


@dataclass(frozen=True)
class _TraceMaker:
    """Makes traces whose boxes name the trial and its value."""

    goal: Goal
    unit: float
    translate: Translate

    def points(self, marks: Marks, name: str, marker: dict[str, Any], **more: Any) -> go.Scatter:
        value = f"<br>{figure_text(self.goal.title)}: %{{y:.5~g}}" if "yaxis" not in more else ""
        return go.Scatter(
            x=column(marks.x) / self.unit,
            y=column(marks.y),
            customdata=np.array(marks.numbers, np.int32).reshape(-1, 1),
            name=self.translate(name),
            legendgroup=name,
            mode="markers",
            marker=marker,
            hovertemplate=f"{self.translate(N_('Trial'))} %{{customdata[0]}}{value}"
            "<extra>%{fullData.name}</extra>",
            **more,
        )

    def best(self, marks: Marks) -> go.Scatter:
        return go.Scatter(
            x=column(marks.x) / self.unit,
            y=column(marks.y),
            customdata=np.array(marks.numbers, np.int32).reshape(-1, 1),
            name=self.translate(N_("Best so far")),
            mode="lines",
            line={"shape": "hv", "width": 2},
            hovertemplate=f"{self.translate(N_('Trial'))} %{{customdata[0]}}<br>%{{y:.5~g}}"
            "<extra>%{fullData.name}</extra>",
        )
