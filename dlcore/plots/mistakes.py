"""The mistakes of two runs beside each other, and their difference: what is right is grey, and what is the same, too."""

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
_NO_MISTAKE = ("#FFFFFF", "rgba(196,78,0,0)")
_LEAST_LESS, _LEAST_MORE = ("#BFDCEC", "rgba(0,114,178,0.25)"), ("#F0D3BF", "rgba(196,78,0,0.25)")
"""Those of a difference of almost nothing, on a light page and on a dark one: one mistake can be told from none.

Opaque where Plotly chooses the colour of the numbers: it does not see what shines through.
"""
_RIGHT, _SAME = "rgba(128,134,150,0.3)", "rgba(128,134,150,0.12)"
"""Right answers, and no difference: neutral on the ground of either theme."""
_STEP = 1e-6
"""Around the middle of a scale, where nothing but no difference is."""


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
    is_right = np.isnan(info.values)
    wrong = _cells(
        info,
        info.values,
        _scale(info, dark=bool(ink)),
        low=-info.most if info.is_difference else 0,
        ink=ink,
        translate=translate,
    )
    right = _cells(
        info, np.where(is_right, 0, np.nan), [[0, _RIGHT], [1, _RIGHT]], low=0, ink=ink, translate=translate
    )
    if info.is_difference:  # of mistakes alone
        right.update(hoverinfo="skip", hovertemplate=None)
    return figure(
        [wrong, right],
        height=300,
        xaxis=category_axis(translate(N_("Predicted")), showgrid=False),
        yaxis=category_axis(translate(N_("True")), showgrid=False, autorange="reversed"),
    )


def _scale(info: MistakesInfo, *, dark: bool) -> list[list[Any]]:
    """Returns the colours from the lowest value to the highest."""
    if not info.is_difference:
        return [[0, _NO_MISTAKE[dark]], [1, MORE]]
    below, above = 0.5 - _STEP, 0.5 + _STEP
    return [
        [0, LESS], [below, _LEAST_LESS[dark]], [below, _SAME], [above, _SAME], [above, _LEAST_MORE[dark]], [1, MORE]
    ]  # fmt: skip


def _cells(
    info: MistakesInfo,
    values: npt.NDArray[np.float64],
    scale: list[list[Any]],
    *,
    low: float,
    ink: str,
    translate: Translate,
) -> go.Heatmap:
    """Returns those cells of a matrix that have a value."""
    names, text = figure_names(info.classes, 12), np.array(info.text)
    return go.Heatmap(
        x=names,
        y=names,
        z=values,
        zmin=low,
        zmax=info.most,
        colorscale=scale,
        showscale=False,
        xgap=1,
        ygap=1,
        text=np.where(np.isnan(values), "", text),
        texttemplate="%{text}",
        textfont={"size": 11, "color": ink or None},
        hoverongaps=False,
        hovertext=np.where(text == "", "0", text),
        hovertemplate=f"{translate(N_('True'))}: %{{y}}<br>{translate(N_('Predicted'))}: %{{x}}<br>"
        "%{hovertext}<extra></extra>",
    )
