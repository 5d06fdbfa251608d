"""Numbers as coloured cells: a picture, a kernel, weights, gradients; each with its working where it is pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.plots.layout import figure

Values = npt.NDArray[np.float64]
Cell = tuple[int, int]

MOST_TEXTS = 150
"""Cells in which their numbers can be read, where they are wide enough: at most so many rows and columns."""
_MOST_ROWS, _MOST_COLUMNS = 10, 16
_SIGNED = ((0.0, "#0072B2"), (0.5, "#CDD1DC"), (1.0, "#C44E00"))
"""Below 0, 0 and above. Opaque: Plotly chooses the colour of the numbers, and does not see what shines through."""
MARK = "#F2B705"


@dataclass(frozen=True, eq=False)
class GridInfo:
    """Cells.

    Attributes:
        values: (rows, columns).
        most: what the deepest colours stand for.
        working: (rows, columns) how each came to be; empty: its own number says all.
        marks: cells that are marked.
        x_title, y_title: what columns and rows are.
    """

    values: Values
    most: float
    working: tuple[tuple[str, ...], ...]
    marks: tuple[Cell, ...]
    x_title: str
    y_title: str


def grid_info(
    values: Values,
    *,
    working: Sequence[Sequence[str]] = (),
    marks: Sequence[Cell] = (),
    x_title: str = "",
    y_title: str = "",
) -> GridInfo:
    """Returns cells, ready to draw; a row alone is a grid of one row.

    Example:
        >>> info = grid_info(np.array([1.0, -3.0]))
        >>> info.values.shape, info.most
        ((1, 2), 3.0)
    """
    cells = np.atleast_2d(np.asarray(values, np.float64))
    known = cells[np.isfinite(cells)]
    most = float(np.abs(known).max(initial=0.0)) or 1.0
    return GridInfo(cells, most, tuple(map(tuple, working)), tuple(marks), x_title, y_title)


def grid_figure(info: GridInfo, *, height: int = 340) -> go.Figure:
    """Draws the cells, square, the first row above; of a few, their numbers in them."""
    rows, columns = info.values.shape
    texts = [
        [f"{round(value, 2) + 0.0:.2f}" if np.isfinite(value) else "" for value in row] for row in info.values
    ]
    readable = info.values.size <= MOST_TEXTS and rows <= _MOST_ROWS and columns <= _MOST_COLUMNS
    place = f"{info.y_title} %{{y}} · {info.x_title} %{{x}}:" if info.x_title else "[%{y}, %{x}] ="
    said = "%{customdata}" if info.working else f"{place} %{{z:.6g}}"
    cells = go.Heatmap(
        z=info.values, zmin=-info.most, zmax=info.most, colorscale=[list(one) for one in _SIGNED],
        showscale=False, xgap=1 if info.values.size <= 1600 else 0, ygap=1 if info.values.size <= 1600 else 0,
        customdata=info.working or None, hovertemplate=said + "<extra></extra>",
        text=texts if readable else None, texttemplate="%{text}" if readable else None,
        textfont={"size": 10},
    )  # fmt: skip
    square = {"scaleanchor": "x", "constrain": "domain"} if rows * 5 > columns else {}
    found = figure(
        [cells],
        height=height if rows > 1 else 120,
        xaxis=_axis(info.x_title, columns, constrain="domain"),
        yaxis=_axis(info.y_title, rows, autorange="reversed", **square),
    )
    for row, column in info.marks:
        found.add_shape(
            type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5,
            line={"color": MARK, "width": 2},
        )  # fmt: skip
    return found


def _axis(title: str, count: int, **more: object) -> dict[str, object]:
    return {
        "title": {"text": title},
        "showgrid": False,
        "zeroline": False,
        "showticklabels": 1 < count <= 64,
        "nticks": min(count, 9),
        "automargin": True,
        **more,
    }
