"""The mistakes of two runs beside each other, and their difference: what is right is grey, in a difference empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, category_axis, figure, figure_names

MOST_CLASSES = 20
"""Of more the numbers could not be read."""
LESS, MORE = "#0072B2", "#C44E00"
"""Fewer and more mistakes, deep enough for their numbers in both themes."""
_NONE_LESS, _NONE_MORE = "rgba(0,114,178,0)", "rgba(196,78,0,0)"
"""The same without any, for what Plotly draws between them."""


@dataclass(frozen=True, eq=False)
class MistakesInfo:
    """A matrix of mistakes.

    Attributes:
        classes: the names, for rows (true) and columns (predicted).
        values: (classes, classes) what the colour stands for; NaN on the diagonal, whose answers are right.
        text: what is in the cells.
        most: the largest value, of either sign.
        is_difference: whether it is one matrix minus another.
    """

    classes: tuple[str, ...]
    values: npt.NDArray[np.float64]
    text: tuple[tuple[str, ...], ...]
    most: float
    is_difference: bool


def mistakes_info(
    confusion: Sequence[Sequence[int]],
    classes: Sequence[str],
    *,
    minus: Sequence[Sequence[int]] | None = None,
    most: float = 0.0,
) -> MistakesInfo:
    """Returns a matrix of mistakes, ready to draw.

    Args:
        confusion: rows are true classes, columns predicted ones.
        classes: as many names.
        minus: another one, that is taken away.
        most: the least that the deepest colour stands for, so that two matrices have one scale.
    """
    counts = np.asarray(confusion, np.int64) - (0 if minus is None else np.asarray(minus, np.int64))
    values = counts.astype(np.float64)
    np.fill_diagonal(values, np.nan)
    text = [
        [
            _cell(int(count), right=row == column, signed=minus is not None)
            for column, count in enumerate(line)
        ]
        for row, line in enumerate(counts)
    ]
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    return MistakesInfo(
        tuple(classes), values, tuple(map(tuple, text)), max(1.0, most, largest), minus is not None
    )


def _cell(count: int, *, right: bool, signed: bool) -> str:
    if not count or (right and signed):
        return ""
    return f"{count:+}".replace("-", "−") if signed else f"{count}"


def mistakes_figure(info: MistakesInfo, *, ink: str = "", translate: Translate = str) -> go.Figure:
    """Draws the matrix with the true classes from top to bottom.

    Args:
        info: what is drawn.
        ink: the colour of the numbers; by default Plotly chooses one for a light page.
        translate: for the titles.
    """
    names = figure_names(info.classes, 12)
    scale: list[list[Any]] = [[0, _NONE_MORE], [1, MORE]]
    if info.is_difference:
        scale = [[0, LESS], [0.5, _NONE_LESS], [0.5, _NONE_MORE], [1, MORE]]
    trace = go.Heatmap(
        x=names,
        y=names,
        z=info.values,
        zmin=-info.most if info.is_difference else 0,
        zmax=info.most,
        colorscale=scale,
        showscale=False,
        xgap=1,
        ygap=1,
        text=np.array(info.text),
        texttemplate="%{text}",
        textfont={"size": 11, "color": ink or None},
        hovertemplate=f"{translate(N_('True'))}: %{{y}}<br>{translate(N_('Predicted'))}: %{{x}}<br>"
        "%{text}<extra></extra>",
    )
    return figure(
        [trace],
        height=300,
        xaxis=category_axis(translate(N_("Predicted")), showgrid=False),
        yaxis=category_axis(translate(N_("True")), showgrid=False, autorange="reversed"),
    )
