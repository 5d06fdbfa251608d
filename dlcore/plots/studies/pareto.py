"""The Pareto front: trials that no other beats in every goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_text, value_axis
from dlcore.plots.studies.axes import default_range, params_text
from dlcore.plots.studies.goals import (
    BEYOND,
    FAINT,
    MOST_POINTS,
    STATE_COLOURS,
    Flags,
    Floats,
    Goal,
    Whole,
)
from dlcore.plots.studies.labels import short_names
from dlcore.records import Trial, TrialState

_BEATEN = "#8C92A5"
_MOST_TEXTS = 500
"""Trials of the front whose parameters are spelled out: more would weigh a megabyte."""


@dataclass(frozen=True)
class ParetoPoints:
    """Trials as points; `values` has a row for each, in the order of the goals."""

    numbers: tuple[int, ...] = ()
    values: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class ParetoInfo:
    """Complete trials by two goals or more.

    Attributes:
        front: trials that count, and that no other of those beats: is as good in every goal, and better in
            one. In the order of the first goal, the best first.
        others: trials that count and are beaten.
        beyond: trials beyond the constraints.
        bad: trials marked as bad.
        texts: the parameters of the first trials of the front.
        left_out: complete trials without a finite value of each goal.
    """

    front: ParetoPoints
    others: ParetoPoints
    beyond: ParetoPoints
    bad: ParetoPoints
    texts: tuple[str, ...]
    left_out: int


def front_of(losses: Floats) -> Flags:
    """Returns which rows no other row beats; of equal rows either all or none.

    Args:
        losses: less is better.

    Shape:
        losses: (trials, goals).

    Example:
        >>> front_of(np.array([[1.0, 2.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]])).tolist()
        [True, True, False, True]
    """
    on_front = np.zeros(len(losses), np.bool_)
    order = np.lexsort(losses.T[::-1])
    # In this order no row is beaten by a later one, and what beats a row on no front is itself beaten.
    front = np.empty_like(losses)
    size = 0
    for place in order:
        row, known = losses[place], front[:size]
        beaten = (known <= row).all(axis=1) & (known < row).any(axis=1)
        if not beaten.any():
            front[size] = row
            size += 1
            on_front[place] = True
    return on_front


def pareto_info(trials: Sequence[Trial], goals: Sequence[Goal], *, most: int = MOST_POINTS) -> ParetoInfo:
    """Returns the complete trials, ready to draw.

    Args:
        trials: of the study, in any order.
        goals: two or more; all of them decide what is on the front.
        most: points in each group; the front keeps its ends.
    """
    complete = sorted((t for t in trials if t.state is TrialState.COMPLETE), key=lambda trial: trial.number)
    values = np.array([[goal.of(trial) for goal in goals] for trial in complete], np.float64)
    values = values.reshape(-1, len(goals))
    finite = np.isfinite(values).all(axis=1)
    values, known = values[finite], [complete[place] for place in np.flatnonzero(finite)]
    numbers = np.array([trial.number for trial in known], np.int64)
    counts = np.array([trial.counts for trial in known], np.bool_)
    bad = np.array([trial.bad for trial in known], np.bool_)
    losses = values * np.array([goal.sign for goal in goals])
    front = np.flatnonzero(counts)[front_of(losses[counts])]
    front = front[np.lexsort((*losses[front].T[::-1],))] if len(front) else front
    others = counts.copy()
    others[front] = False
    drawn = _evenly(front, most)
    by_number = {trial.number: trial for trial in known}
    names = short_names(path for trial in known for path in trial.params)

    def points(places: Whole) -> ParetoPoints:
        rows = map(tuple, values[places].tolist())
        return ParetoPoints(tuple(numbers[places].tolist()), tuple(rows))

    return ParetoInfo(
        front=points(drawn),
        others=points(_evenly(np.flatnonzero(others), most)),
        beyond=points(_evenly(np.flatnonzero(~counts & ~bad), most)),
        bad=points(_evenly(np.flatnonzero(bad), most)),
        texts=tuple(params_text(by_number[int(n)], names) for n in numbers[drawn][:_MOST_TEXTS]),
        left_out=int((~finite).sum()),
    )


def _evenly(places: Whole, most: int) -> Whole:
    kept = np.linspace(0, len(places) - 1, min(len(places), most)).astype(np.int64)
    return places[kept]


def pareto_figure(
    info: ParetoInfo,
    goals: Sequence[Goal],
    *,
    axes: Sequence[int] = (0, 1, 2),
    log: Sequence[bool] = (),
    translate: Translate = str,
) -> go.Figure:
    """Draws the front before all other trials in two or three dimensions.

    Values far off are seen after a double click. `customdata[0]` is the number of the trial.

    Args:
        info: what is drawn.
        goals: those of the info.
        axes: places of the two or three goals that are shown.
        log: for each of these axes, whether it is logarithmic; empty: none is.
        translate: for the texts.
    """
    axes = [axis for axis in axes if axis < len(goals)][:3]
    kinds = ["log" if place < len(log) and log[place] else "linear" for place in range(len(axes))]
    solid = len(axes) == 3
    cross, grey = "square-open" if solid else "x-thin-open", STATE_COLOURS[TrialState.PRUNED]
    groups: tuple[tuple[ParetoPoints, str, dict[str, Any]], ...] = (
        (info.others, N_("Beaten"), {"size": 2 if solid else 6, "color": _BEATEN, "opacity": 0.5}),
        (info.beyond, N_("Violating the constraints"), _open("diamond-open", BEYOND, solid)),
        (info.bad, N_("Marked as bad"), _open(cross, grey, solid)),
        (info.front, N_("Pareto front"), {"size": 4 if solid else 8}),
    )
    traces = [
        _trace(points, name, marker, axes, goals, info, len(goals), translate)
        for points, name, marker in groups
        if points.numbers
    ]
    views = [None if kind == "log" else _view(info, axis) for axis, kind in zip(axes, kinds, strict=True)]
    titles = [figure_text(goals[axis].title) for axis in axes]
    if solid:
        return figure(traces, legend=True, height=560, scene=_scene(titles, kinds, views))
    return figure(
        traces,
        legend=True,
        height=440,
        hovermode="closest",
        xaxis=value_axis(titles[0], type=kinds[0], range=views[0], zeroline=False),
        yaxis=value_axis(titles[1], type=kinds[1], range=views[1], zeroline=False),
    )


def _scene(
    titles: Sequence[str], kinds: Sequence[str], views: Sequence[list[float] | None]
) -> dict[str, Any]:
    clear = {"backgroundcolor": "rgba(0,0,0,0)", "gridcolor": FAINT, "zerolinecolor": FAINT}
    axes = {
        f"{letter}axis": {"title": {"text": title}, "type": kind, "range": view, "nticks": 5, **clear}
        for letter, title, kind, view in zip("xyz", titles, kinds, views, strict=True)
    }
    return {**axes, "bgcolor": "rgba(0,0,0,0)"}


def _view(info: ParetoInfo, axis: int) -> list[float] | None:
    front, others = ([row[axis] for row in points.values] for points in (info.front, info.others))
    return default_range([*front, *others], *front)


def _open(symbol: str, colour: str, solid: bool) -> dict[str, Any]:
    return {"symbol": symbol, "color": colour, "size": 2 if solid else 6, "opacity": 0.8}


def _trace(
    points: ParetoPoints,
    name: str,
    marker: dict[str, Any],
    axes: Sequence[int],
    goals: Sequence[Goal],
    info: ParetoInfo,
    count: int,
    translate: Translate,
) -> go.Scatter | go.Scatter3d:
    front = points is info.front
    values = np.array(points.values, np.float64)
    lines = [f"{translate(N_('Trial'))} %{{customdata[0]}}"]
    lines += [
        f"{figure_text(goal.title)}: %{{customdata[{place + 1}]:.5~g}}" for place, goal in enumerate(goals)
    ]
    # Between two points of a front of two goals nothing better is known than the worse of either.
    stepped = front and count == 2 and len(axes) == 2
    places: dict[str, Any] = dict(zip("xyz", values[:, list(axes)].T, strict=False))
    kind = go.Scatter3d if len(axes) == 3 else go.Scatter
    return kind(
        **places,
        customdata=np.column_stack([points.numbers, values]),
        text=list(info.texts) + [""] * (len(points.numbers) - len(info.texts)) if front else None,
        name=translate(name),
        mode="lines+markers" if stepped else "markers",
        marker=marker,
        line={"shape": "hv" if axes[0] == 0 else "vh", "width": 1.5} if stepped else None,
        hovertemplate="<br>".join([*lines, *["%{text}"] * front]) + "<extra>%{fullData.name}</extra>",
    )
