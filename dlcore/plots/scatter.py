"""Two numbers of several things against each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dlcore.plots.layout import figure, figure_text, value_axis
from dlcore.text import short_text

WIDE = 100.0
"""How many times the lowest of positive numbers the highest is on a logarithmic axis."""


@dataclass(frozen=True)
class ScatterPoint:
    """One of the things.

    Attributes:
        id: tells it from others, for whoever is told of a click.
        x, y: its numbers; None where it has none.
        colour: its hue.
    """

    id: str
    name: str
    x: float | None
    y: float | None
    colour: str


@dataclass(frozen=True)
class NumberAxis:
    """What one of the two numbers is.

    Attributes:
        is_share: whether it is a share of 1, shown in per cent.
        is_log: whether each step along it multiplies.
    """

    title: str
    is_share: bool = False
    is_log: bool = False


@dataclass(frozen=True)
class ScatterInfo:
    """Things as points.

    Attributes:
        points: those that have both numbers.
        x, y: the axes.
        missing: how many lack one of the numbers.
    """

    points: tuple[ScatterPoint, ...]
    x: NumberAxis
    y: NumberAxis
    missing: int


def scatter_info(points: Sequence[ScatterPoint], x: NumberAxis, y: NumberAxis) -> ScatterInfo:
    """Returns points, ready to draw; an axis whose numbers span orders of magnitude is logarithmic.

    Example:
        >>> points = [ScatterPoint("a", "a", 1e-4, 0.5, ""), ScatterPoint("b", "b", 1e-1, 0.9, ""),
        ...           ScatterPoint("c", "c", None, 0.7, "")]
        >>> info = scatter_info(points, NumberAxis("rate"), NumberAxis("accuracy", is_share=True))
        >>> len(info.points), info.x.is_log, info.y.is_log, info.missing
        (2, True, False, 1)
    """
    known = tuple(point for point in points if _is_known(point.x) and _is_known(point.y))
    return ScatterInfo(
        known,
        _scaled(x, [point.x for point in known if point.x is not None]),
        _scaled(y, [point.y for point in known if point.y is not None]),
        len(points) - len(known),
    )


def scatter_figure(info: ScatterInfo, *, height: int = 380) -> go.Figure:
    """Draws the points, each with its name and numbers at the pointer; a click tells its id as `customdata`."""
    shown = [figure_text(short_text(point.name, 40)) for point in info.points]
    x, y = _hover("x", info.x), _hover("y", info.y)
    trace = go.Scatter(
        x=[point.x for point in info.points],
        y=[point.y for point in info.points],
        text=shown,
        customdata=[point.id for point in info.points],
        mode="markers",
        marker={"size": 11, "color": [point.colour for point in info.points], "opacity": 0.9},
        # Whoever clicks a point is taken to it: none is left faint.
        unselected={"marker": {"opacity": 0.9}},
        hovertemplate=f"<b>%{{text}}</b><br>{x}<br>{y}<extra></extra>",
    )
    drawn = figure([trace], height=height, xaxis=_axis(info.x), yaxis=_axis(info.y), hovermode="closest")
    return drawn.update_layout(dragmode=False)


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _scaled(axis: NumberAxis, values: Sequence[float]) -> NumberAxis:
    wide = not axis.is_share and bool(values) and min(values) > 0 and max(values) >= WIDE * min(values)
    return NumberAxis(axis.title, axis.is_share, wide)


def _hover(letter: str, axis: NumberAxis) -> str:
    return f"{figure_text(axis.title)}: %{{{letter}:{'.2%' if axis.is_share else '.5g'}}}"


def _axis(axis: NumberAxis) -> dict[str, Any]:
    kind = {"type": "log", "nticks": 4, "exponentformat": "power"} if axis.is_log else {"nticks": 6}
    form = {"tickformat": ".2~%"} if axis.is_share else {}
    return value_axis(figure_text(short_text(axis.title, 40)), zeroline=False, **kind, **form)
