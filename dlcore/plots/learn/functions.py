"""Functions of one number as curves, with a point on each that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.analysis.learning.activations import Function, Values
from dlcore.plots.layout import figure, value_axis
from dlcore.plots.learn.palette import QUIET, colour

POINTS = 241


@dataclass(frozen=True, eq=False)
class FunctionsInfo:
    """Curves over one axis.

    Attributes:
        x: (points,) what all share.
        curves: (points,) values, by the name of the curve.
        at: the x that is looked at.
        marks: what each curve is there.
    """

    x: Values
    curves: Mapping[str, Values]
    at: float
    marks: Mapping[str, float]


def functions_info(functions: Mapping[str, Function], *, reach: float, at: float) -> FunctionsInfo:
    """Returns curves of functions from −reach to reach, ready to draw.

    Example:
        >>> info = functions_info({"square": lambda x: x * x}, reach=2.0, at=1.5)
        >>> float(info.x[0]), float(info.curves["square"][0]), info.marks
        (-2.0, 4.0, {'square': 2.25})
    """
    x = np.linspace(-reach, reach, POINTS)
    return FunctionsInfo(
        x,
        {name: function(x) for name, function in functions.items()},
        at,
        {name: float(function(np.array([at]))[0]) for name, function in functions.items()},
    )


def functions_figure(info: FunctionsInfo, *, y_title: str, least: float, most: float) -> go.Figure:
    """Draws the curves in the theme's colours.

    Args:
        info: what to draw.
        y_title: what they show.
        least: where the vertical axis begins.
        most: where it ends.
    """
    traces = []
    for place, (name, curve) in enumerate(info.curves.items()):
        hover = f"{name}(%{{x:.3f}}) = %{{y:.4f}}<extra></extra>"
        traces += [
            go.Scatter(
                x=info.x, y=curve, name=name, mode="lines", legendgroup=name, hovertemplate=hover,
                line={"width": 2.5, "color": colour(place)},
            ),
            go.Scatter(
                x=[info.at], y=[info.marks[name]], name=name, mode="markers", legendgroup=name, showlegend=False,
                marker={"size": 10, "color": colour(place)}, hovertemplate=hover,
            ),
        ]  # fmt: skip
    found = figure(
        traces,
        height=340,
        legend=True,
        xaxis=value_axis("x", zeroline=True),
        yaxis=value_axis(y_title, zeroline=True, range=[least, most]),
    )
    found.add_vline(x=info.at, line={"width": 1, "dash": "dot", "color": QUIET})
    return found
