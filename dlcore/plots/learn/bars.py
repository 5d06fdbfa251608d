"""A few numbers as bars, each with the working that leads to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.analysis.learning.activations import Values
from dlcore.plots.layout import category_axis, figure, figure_text, value_axis


@dataclass(frozen=True, eq=False)
class BarsInfo:
    """Bars.

    Attributes:
        names: one for each, as figures show them.
        values: (bars,) their heights.
        working: how each came to be, as figures show it.
    """

    names: tuple[str, ...]
    values: Values
    working: tuple[str, ...]


def bars_info(names: Sequence[str], values: npt.ArrayLike, working: Sequence[str]) -> BarsInfo:
    """Returns bars, ready to draw.

    Args:
        names: one for each, those of users shortened before.
        values: as many.
        working: as many, shown where a bar is pointed at.
    """
    return BarsInfo(tuple(names), np.asarray(values, np.float64), tuple(map(figure_text, working)))


def bars_figure(info: BarsInfo, *, y_title: str, height: int = 340) -> go.Figure:
    """Draws the bars, their heights above them."""
    bars = go.Bar(
        x=list(info.names),
        y=info.values,
        customdata=list(info.working),
        text=_heights(info.values),
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{customdata}<extra></extra>",
    )
    return figure(
        [bars],
        height=height,
        # All as large as the smallest, and those left out for which there is no room.
        uniformtext={"minsize": 9, "mode": "hide"},
        xaxis=category_axis(""),
        yaxis=value_axis(y_title),
    )


def _heights(values: Values) -> list[str]:
    """Returns what stands at each bar: of one that cannot be seen beside the largest only that it is almost 0.

    Example:
        >>> _heights(np.array([2.5, -0.5, 1e-9, 0.0]))
        ['2.5', '−0.5', '≈ 0', '0']
    """
    least = np.abs(values).max(initial=0.0) / 1000
    texts = (
        "≈ 0" if value and abs(value) < least else f"{value:.3g}".replace("-", "−")
        for value in values.tolist()
    )
    return list(texts)
