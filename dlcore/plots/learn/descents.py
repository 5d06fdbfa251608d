"""Paths over a surface seen from above, and the loss along them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.analysis.learning.descent import Descent, Values
from dlcore.analysis.learning.surfaces import Surface
from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, value_axis
from dlcore.plots.learn.palette import colour

SIDE = 81
"""Points of the surface along each axis."""
_LINES = 22
_LEAST = 1e-12
"""What a logarithmic axis can still show."""


@dataclass(frozen=True, eq=False)
class DescentsInfo:
    """A surface with paths on it.

    Attributes:
        x, y: (side,) the axes.
        losses: (side, side) by y and x.
        heights: (side, side) how high each place is drawn: with the logarithm, where the loss spans orders of magnitude.
        minima: where it is lowest.
        lowest: the loss there.
        paths: the descents by their names.
    """

    x: Values
    y: Values
    losses: Values
    heights: Values
    minima: tuple[tuple[float, float], ...]
    lowest: float
    paths: Mapping[str, Descent]


def descents_info(surface: Surface, paths: Mapping[str, Descent]) -> DescentsInfo:
    """Returns a surface and paths, ready to draw."""
    x, y = np.linspace(*surface.x, SIDE), np.linspace(*surface.y, SIDE)
    losses = surface.value(*np.meshgrid(x, y))
    lowest = min(surface.loss(np.array(place)) for place in surface.minima)
    over = losses - lowest
    heights = np.log10(over + over.max() / 1e4)
    return DescentsInfo(x, y, losses, heights, surface.minima, lowest, paths)


def surface_figure(info: DescentsInfo, *, translate: Translate) -> go.Figure:
    """Draws the surface from above, the paths on it."""
    ground = go.Contour(
        x=info.x, y=info.y, z=info.heights, text=[[f"{loss:.4g}" for loss in row] for row in info.losses],
        colorscale="Blues_r", opacity=0.75, ncontours=_LINES, showscale=False, line={"width": 0.5},
        name="L", hovertemplate="L(%{x:.2f}, %{y:.2f}) = %{text}<extra></extra>",
    )  # fmt: skip
    lowest = go.Scatter(
        x=[place[0] for place in info.minima], y=[place[1] for place in info.minima], mode="markers",
        name=translate(N_("Minimum")), marker={"symbol": "star", "size": 13, "color": "#F2B705"},
        hovertemplate=f"L(%{{x:.3f}}, %{{y:.3f}}) = {info.lowest:.4g}<extra></extra>",
    )  # fmt: skip
    paths = [_path(name, path, place) for place, (name, path) in enumerate(info.paths.items())]
    return figure(
        [ground, lowest, *paths],
        height=460,
        legend=True,
        xaxis=value_axis("x", range=[info.x[0], info.x[-1]], showgrid=False, zeroline=False),
        yaxis=value_axis("y", range=[info.y[0], info.y[-1]], showgrid=False, zeroline=False),
    )


def _path(name: str, path: Descent, place: int) -> go.Scatter:
    return go.Scatter(
        x=path.points[:, 0], y=path.points[:, 1], name=name, mode="lines+markers",
        line={"width": 2, "color": colour(place + 1)},
        marker={"size": 5, "line": {"width": 0.5, "color": "white"}},
        customdata=_working(path), hovertemplate="%{customdata}",
    )  # fmt: skip


def _working(path: Descent) -> list[str]:
    """Returns for each point how the next one follows from it."""
    texts = []
    for turn, (point, gradient, loss) in enumerate(
        zip(path.points, path.gradients, path.losses, strict=True)
    ):
        text = (
            f"t = {turn}<br>w = ({point[0]:.4f}, {point[1]:.4f})<br>L = {loss:.6g}"
            f"<br>∇L = ({gradient[0]:.4f}, {gradient[1]:.4f})"
        )
        if turn + 1 < len(path.points):
            change = path.points[turn + 1] - point
            text += f"<br>Δw = ({change[0]:+.4f}, {change[1]:+.4f})"
        texts.append(text)
    return texts


def losses_figure(info: DescentsInfo, *, translate: Translate) -> go.Figure:
    """Draws how far the loss of each path is above the lowest one, step by step."""
    traces = [
        go.Scatter(
            x=np.arange(len(path.losses)), y=np.maximum(path.losses - info.lowest, _LEAST), name=name, mode="lines",
            line={"width": 2, "color": colour(place + 1)},
            hovertemplate="t = %{x}: %{y:.4g}<extra>" + name + "</extra>",
        )
        for place, (name, path) in enumerate(info.paths.items())
    ]  # fmt: skip
    return figure(
        traces,
        height=300,
        legend=True,
        xaxis=value_axis(translate(N_("Step"))),
        yaxis=value_axis(
            translate(N_("Loss above the minimum")), type="log", dtick=1, exponentformat="power"
        ),
    )
