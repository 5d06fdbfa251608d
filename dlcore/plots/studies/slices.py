"""The values of trials over one parameter after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_text, value_axis
from dlcore.plots.studies.axes import (
    Distributions,
    ParamAxis,
    default_range,
    jitter,
    param_axes,
    paths_of,
    plotly_axis,
    raw_positions,
)
from dlcore.plots.studies.goals import (
    BEYOND,
    MOST_POINTS,
    Goal,
    ScoredTrials,
    best_place,
    column,
    keep_best,
    score_trials,
)
from dlcore.plots.studies.shades import OUTLINE, shade_axis
from dlcore.records import Trial


@dataclass(frozen=True)
class Points:
    """Trials as points over a parameter; `x` are values, of a category its place among the choices."""

    numbers: tuple[int, ...] = ()
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()


@dataclass(frozen=True)
class SlicePanel:
    """One parameter.

    Attributes:
        counting: the trials that can be the best.
        aside: complete ones beyond the constraints or marked as bad.
        best: the best of all, if it has the parameter.
        lacking: complete trials without the parameter.
    """

    axis: ParamAxis
    counting: Points
    aside: Points
    best: Points
    lacking: int


@dataclass(frozen=True)
class SliceInfo:
    """A panel for each parameter.

    Attributes:
        first, last: the lowest and the highest number of a trial.
    """

    panels: tuple[SlicePanel, ...]
    first: int
    last: int


def slice_info(
    trials: Sequence[Trial],
    goal: Goal,
    distributions: Distributions,
    *,
    paths: Sequence[str] = (),
    most: int = MOST_POINTS,
) -> SliceInfo:
    """Returns the complete trials, ready to draw; of many the best, and of the others an even choice.

    Args:
        trials: of the study, in any order.
        goal: what they are judged by.
        distributions: of the parameters.
        paths: the parameters to show; empty: all that occur.
        most: points in each panel.
    """
    judged = score_trials(trials, goal)
    best = best_place(judged, goal)
    axes = param_axes(paths or paths_of(judged.trials, distributions), distributions, judged.trials)
    panels = []
    for axis in axes:
        having = np.array([axis.path in trial.params for trial in judged.trials], np.bool_)
        own = judged.chosen(having)
        kept = own.chosen(keep_best(own, goal, most))
        holder = judged.chosen(np.array([best])) if best is not None and having[best] else None
        panels.append(
            SlicePanel(
                axis,
                _points(axis, kept.chosen(kept.counts)),
                _points(axis, kept.chosen(~kept.counts)),
                _points(axis, holder) if holder else Points(),
                int((~having).sum()),
            )
        )
    numbers = judged.numbers.tolist() or [0]
    return SliceInfo(tuple(panels), numbers[0], numbers[-1])


def _points(axis: ParamAxis, judged: ScoredTrials) -> Points:
    x = raw_positions(axis, judged.trials)
    return Points(tuple(judged.numbers.tolist()), tuple(x.tolist()), tuple(judged.values.tolist()))


def slice_figure(
    info: SliceInfo, goal: Goal, *, columns: int = 3, log: bool = False, translate: Translate = str
) -> go.Figure:
    """Draws one panel per parameter, later trials stronger, the best one as a star.

    Values far off are seen after a double click. `customdata[0]` is the number of the trial.

    Args:
        info: what is drawn.
        goal: what the trials are judged by.
        columns: panels side by side; 1 suits a phone.
        log: whether the values have a logarithmic axis.
        translate: for the texts.
    """
    columns = max(1, min(columns, len(info.panels)))
    rows = max(1, math.ceil(len(info.panels) / columns))
    traces: list[go.Scatter] = []
    named = {N_("Complete")}
    axes: dict[str, object] = {}
    below = _room_below(info)
    height = 236 * rows + below * (rows - 1) + 84
    values = [y for panel in info.panels for points in (panel.counting, panel.aside) for y in points.y]
    view = None if log else default_range(values, *(y for panel in info.panels for y in panel.best.y))
    for place, panel in enumerate(info.panels):
        end = "" if place == 0 else str(place + 1)
        row, across = divmod(place, columns)
        left, bottom = _cell(row, across, rows, columns, below / height)
        axes[f"xaxis{end}"] = plotly_axis(
            panel.axis, domain=list(left), anchor=f"y{end}", zeroline=False, most=30
        )
        matched = {"matches": "y"} if place else {}
        axes[f"yaxis{end}"] = value_axis(
            figure_text(goal.title) if across == 0 else "",
            domain=list(bottom),
            anchor=f"x{end}",
            showticklabels=across == 0,
            type="log" if log else "linear",
            range=view,
            zeroline=False,
            **matched,
        )
        traces += _panel_traces(panel, f"x{end}", f"y{end}", named=named, translate=translate)
        named |= _named(panel)
    scale = shade_axis(translate(N_("Trial")), {})
    ticks = np.unique(np.linspace(info.first, info.last, 5).astype(np.int64)).tolist()
    span = max(info.last - info.first, 1)
    scale |= {"cmin": info.first, "cmax": info.first + span}
    scale["colorbar"] |= {"tickvals": ticks, "ticktext": [f"{tick}\u00a0\u00a0" for tick in ticks]}
    scale["colorbar"] |= {"len": 260, "lenmode": "pixels", "y": 1, "yanchor": "top"}
    return figure(traces, legend=True, height=height, hovermode="closest", coloraxis=scale, **axes)


def _room_below(info: SliceInfo) -> int:
    """Pixels for what is below a panel; on a phone long names of categories lean."""
    names = [name for panel in info.panels for name in panel.axis.choices]
    return 68 + 2 * min(max(map(len, names), default=0), 16)


def _cell(
    row: int, across: int, rows: int, columns: int, below: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Returns where a panel is, as shares of the width and of the height; titles need room between them."""
    between = 0.03
    width = (1 - between * (columns - 1)) / columns
    tall = (1 - below * (rows - 1)) / rows
    left, top = across * (width + between), 1 - row * (tall + below)
    return (left, min(left + width, 1.0)), (max(top - tall, 0.0), top)


def _panel_traces(
    panel: SlicePanel, x_axis: str, y_axis: str, *, named: set[str], translate: Translate
) -> list[go.Scatter]:
    groups = (
        (
            panel.counting,
            N_("Complete"),
            {
                "size": 5,
                "opacity": 0.85,
                "color": column(panel.counting.numbers),
                "coloraxis": "coloraxis",
                "line": OUTLINE,
            },
        ),
        (
            panel.aside,
            N_("Not counted"),
            {"symbol": "diamond-open", "size": 5, "opacity": 0.7, "color": BEYOND},
        ),
        (panel.best, N_("Best trial"), BEST_MARK),
    )
    return [
        go.Scatter(
            x=jitter(panel.axis, column(points.x), points.numbers),
            y=column(points.y),
            customdata=np.array(points.numbers, np.int32).reshape(-1, 1),
            text=_category_texts(panel.axis, points),
            name=translate(name),
            legendgroup=name,
            showlegend=name not in named,
            mode="markers",
            marker=marker,
            xaxis=x_axis,
            yaxis=y_axis,
            hovertemplate=f"{translate(N_('Trial'))} %{{customdata[0]}}<br>"
            f"{'%{text}' if panel.axis.kind == 'category' else '%{x:.4~g}'}: %{{y:.5~g}}<extra></extra>",
        )
        for points, name, marker in groups
        if points.x
    ]


def _named(panel: SlicePanel) -> set[str]:
    names = ((panel.aside, N_("Not counted")), (panel.best, N_("Best trial")))
    return {name for points, name in names if points.x}


BEST_MARK = {
    "symbol": "star",
    "size": 14,
    "color": "#F5B301",
    "line": {"width": 1, "color": "rgba(90,70,0,0.9)"},
}


def _category_texts(axis: ParamAxis, points: Points) -> list[str] | None:
    if axis.kind != "category":
        return None
    return [figure_text(axis.choices[int(x)]) for x in points.x]
