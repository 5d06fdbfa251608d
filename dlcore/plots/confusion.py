"""Confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, category_axis, figure, figure_names

MOST_WITH_TEXT = 20
"""Classes of a matrix whose cells can be read, and clicked."""
MOST_DRAWN = 200
"""Classes of a matrix that is drawn: one of 1,000 would be a page of 29 MB in which nothing can be seen."""
_CELL = 24
"""Pixels that a click may be beside the middle of a cell."""


class Share(StrEnum):
    """What the cells of a confusion matrix are: counts of samples, or shares of a row or of a column."""

    COUNTS = "counts"
    TRUE = "true"
    PREDICTED = "predicted"


@dataclass(frozen=True)
class ConfusionInfo:
    """A confusion matrix as it is shown.

    Attributes:
        classes: the names, for rows (true) and columns (predicted).
        counts: samples.
        values: counts, or shares of each row or column (one without samples: zeros).
        colour: what the colour stands for: the shares, or log(1 + count), since beside hundreds of
            right answers ten mistakes would look like none.
        text: what is in the cells; empty cells and matrices of more than 20 classes have none.
        share: what the values are.
        total: how many classes there are; of more than 200 those with the most mistakes are shown.
    """

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    values: tuple[tuple[float, ...], ...]
    colour: tuple[tuple[float, ...], ...]
    text: tuple[tuple[str, ...], ...]
    share: Share
    total: int


def confusion_info(
    confusion: Sequence[Sequence[int]], classes: Sequence[str], *, share: Share = Share.COUNTS
) -> ConfusionInfo:
    """Returns a confusion matrix, ready to draw.

    Args:
        confusion: rows are true classes, columns predicted ones.
        classes: as many names.
        share: what the cells are.
    """
    counts = np.asarray(confusion, dtype=np.int64)
    are_shares = share is not Share.COUNTS
    shares = counts / np.maximum(counts.sum(axis=int(share is not Share.PREDICTED), keepdims=True), 1)
    total, those = len(classes), _most_mistaken(counts)
    classes = [classes[place] for place in those]
    counts, shares = counts[np.ix_(those, those)], shares[np.ix_(those, those)]
    values = shares if are_shares else counts.astype(np.float64)
    text: list[list[str]] = []
    if len(classes) <= MOST_WITH_TEXT:
        text = [[_cell(value, are_shares) for value in row] for row in values.tolist()]
    return ConfusionInfo(
        tuple(classes),
        tuple(map(tuple, counts.tolist())),
        tuple(map(tuple, values.tolist())),
        tuple(map(tuple, (shares if are_shares else np.log1p(counts)).tolist())),
        tuple(map(tuple, text)),
        share,
        total,
    )


def _most_mistaken(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Returns the places of the classes that are shown, in their order."""
    mistakes = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    return np.sort(np.argsort(-mistakes, kind="stable")[:MOST_DRAWN])


def _cell(value: float, is_share: bool) -> str:
    if not value:
        return ""
    if not is_share:
        return f"{value:.0f}"
    return f"{value:.0%}" if value >= 0.005 else "<1%"


def confusion_figure(
    info: ConfusionInfo, *, clickable: bool = False, height: int = 0, translate: Translate = str
) -> go.Figure:
    """Draws a heat map with the true classes from top to bottom, in the theme's sequential colours.

    Args:
        info: what is drawn.
        clickable: whether each cell has a point that can be selected, in the order of the rows.
        height: in pixels; by default as it suits the number of classes.
        translate: for the titles.
    """
    names = np.array(figure_names(info.classes))
    shown = "%{customdata[0]:,}" if info.share is Share.COUNTS else "%{customdata[1]:.1%}"
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
    traces = [trace, _points(info, trace.hovertemplate)] if clickable else [trace]
    predicted = translate(N_("Predicted"))
    if info.total > len(info.classes):
        some = translate(N_("the {n} of {total} classes with the most mistakes"))
        predicted += f" · {some.format(n=len(info.classes), total=f'{info.total:,}')}"
    return figure(
        traces,
        height=height or (480 if info.text else 640),
        xaxis=category_axis(predicted, showgrid=False),
        yaxis=category_axis(translate(N_("True")), showgrid=False, autorange="reversed"),
    )


def _points(info: ConfusionInfo, hover: str) -> go.Scatter:
    """Returns an unseen point in each cell: Plotly selects no cells of a heat map."""
    names, count = np.array(figure_names(info.classes)), len(info.classes)
    true, predicted = np.divmod(np.arange(count * count), count)
    return go.Scatter(
        x=names[predicted],
        y=names[true],
        mode="markers",
        marker={
            "symbol": "square-open",
            "size": _CELL,
            "color": "#E69F00",
            "opacity": 0,
            "line": {"width": 3},
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0}},
        customdata=np.stack([np.array(info.counts).ravel(), np.array(info.values).ravel()], axis=1),
        hovertemplate=hover,
        showlegend=False,
    )
