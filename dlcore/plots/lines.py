"""Long lines drawn from few points, none of their peaks lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.plots.layout import figure, figure_text, value_axis
from dlcore.text import short_text

MOST_POINTS = 2_000


@dataclass(frozen=True)
class LinesInfo:
    """Several lines over one axis.

    Attributes:
        names: one per line.
        x, y: for each line, its points; dates as they are.
    """

    names: tuple[str, ...]
    x: tuple[npt.NDArray[Any], ...]
    y: tuple[npt.NDArray[np.float64], ...]


def lines_info(
    x: npt.ArrayLike, lines: Mapping[str, npt.ArrayLike], *, points: int = MOST_POINTS
) -> LinesInfo:
    """Returns lines ready to draw: of each stretch its lowest and its highest value.

    Args:
        x: what all lines share, ascending.
        lines: name to values, as many as x.
        points: at most that many per line.
    """
    axis = np.asarray(x)
    thinned = [_thinned(axis, np.asarray(values, np.float64), points) for values in lines.values()]
    return LinesInfo(tuple(lines), tuple(one[0] for one in thinned), tuple(one[1] for one in thinned))


def _thinned(
    x: npt.NDArray[Any], y: npt.NDArray[np.float64], points: int
) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64]]:
    if len(y) <= points:
        return x, y
    chosen: list[int] = []
    for stretch in np.array_split(np.arange(len(y)), points // 2):
        known = stretch[np.isfinite(y[stretch])]
        if len(known):
            chosen += sorted({int(known[y[known].argmin()]), int(known[y[known].argmax()])})
    return x[chosen], y[chosen]


def lines_figure(info: LinesInfo, *, x_title: str, y_title: str = "") -> go.Figure:
    """Draws the lines in the theme's colours."""
    traces = [
        go.Scatter(x=x, y=y, name=figure_text(short_text(name, 32)), mode="lines", line={"width": 1.5})
        for name, x, y in zip(info.names, info.x, info.y, strict=True)
    ]
    return figure(
        traces,
        height=340,
        legend=len(traces) > 1,
        hovermode="x unified",
        xaxis=value_axis(figure_text(short_text(x_title))),
        yaxis=value_axis(figure_text(short_text(y_title))),
    )
