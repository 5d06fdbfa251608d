"""Confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, category_axis, figure, figure_names

_MOST_WITH_TEXT = 20


@dataclass(frozen=True)
class ConfusionInfo:
    """A confusion matrix as it is shown.

    Attributes:
        classes: the names, for rows (true) and columns (predicted).
        counts: samples.
        values: counts, or each row's shares (a row without samples: zeros).
        colour: what the colour stands for: the shares, or log(1 + count), since beside hundreds of
            right answers ten mistakes would look like none.
        text: what is in the cells; empty cells and matrices of more than 20 classes have none.
    """

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    values: tuple[tuple[float, ...], ...]
    colour: tuple[tuple[float, ...], ...]
    text: tuple[tuple[str, ...], ...]
    normalised: bool


def confusion_info(
    confusion: Sequence[Sequence[int]], classes: Sequence[str], *, normalised: bool = False
) -> ConfusionInfo:
    """Returns a confusion matrix, ready to draw.

    Args:
        confusion: rows are true classes, columns predicted ones.
        classes: as many names.
        normalised: show the share of each row instead of counts.
    """
    counts = np.asarray(confusion, dtype=np.int64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    values = shares if normalised else counts.astype(np.float64)
    text: list[list[str]] = []
    if len(classes) <= _MOST_WITH_TEXT:
        text = [[_cell(value, normalised) for value in row] for row in values.tolist()]
    return ConfusionInfo(
        tuple(classes),
        tuple(map(tuple, counts.tolist())),
        tuple(map(tuple, values.tolist())),
        tuple(map(tuple, (shares if normalised else np.log1p(counts)).tolist())),
        tuple(map(tuple, text)),
        normalised,
    )


def _cell(value: float, normalised: bool) -> str:
    if not value:
        return ""
    if not normalised:
        return f"{value:.0f}"
    return f"{value:.0%}" if value >= 0.005 else "<1%"


def confusion_figure(info: ConfusionInfo, *, translate: Translate = str) -> go.Figure:
    """Draws a heat map with the true classes from top to bottom, in the theme's sequential colours."""
    names = np.array(figure_names(info.classes))
    shown = "%{customdata[1]:.1%}" if info.normalised else "%{customdata[0]:,}"
    trace = go.Heatmap(
        x=names,
        y=names,
        z=np.array(info.colour, dtype=np.float32),
        customdata=np.dstack([np.array(info.counts), np.array(info.values)]),
        zmin=0,
        zmax=max(map(max, info.colour)) or 1,  # without it, Plotly takes the lowest of all for 0
        showscale=False,
        xgap=int(bool(info.text)),
        ygap=int(bool(info.text)),
        hovertemplate=f"{translate(N_('True'))}: %{{y}}<br>{translate(N_('Predicted'))}: %{{x}}<br>"
        f"{shown}<extra></extra>",
    )
    if info.text:
        trace.update(text=np.array(info.text), texttemplate="%{text}")
    return figure(
        [trace],
        height=480 if info.text else 640,
        xaxis=category_axis(translate(N_("Predicted")), showgrid=False),
        yaxis=category_axis(translate(N_("True")), showgrid=False, autorange="reversed"),
    )
