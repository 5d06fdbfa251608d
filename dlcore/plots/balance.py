"""Class balance: how many samples each class has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, category_axis, figure, figure_names, value_axis

_BESIDE = 12
"""With more classes than this the parts are stacked: bars side by side would become hairlines."""


@dataclass(frozen=True)
class Part:
    """One part of the data; `name` is a translatable template."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class BalanceInfo:
    """Class counts of each part that has samples.

    Attributes:
        imbalance: the largest class divided by the smallest, over all parts; infinite if one is empty.
        stacked: whether the parts stand on each other instead of side by side.
    """

    classes: tuple[str, ...]
    parts: tuple[Part, ...]
    imbalance: float
    stacked: bool


def balance_info(
    classes: Sequence[str],
    *,
    train: Sequence[int],
    validation: Sequence[int] = (),
    test: Sequence[int] = (),
) -> BalanceInfo:
    """Class counts, ready to draw; a part without samples is left out."""
    named = ((N_("training"), train), (N_("validation"), validation), (N_("test"), test))
    parts = tuple(Part(name, tuple(map(int, counts))) for name, counts in named if sum(counts))
    totals = np.sum([part.counts for part in parts], axis=0) if parts else np.ones(1)
    imbalance = float(totals.max() / totals.min()) if totals.min() else float("inf")
    return BalanceInfo(tuple(classes), parts, imbalance, len(classes) > _BESIDE)


def balance_figure(info: BalanceInfo, *, translate: Translate = str) -> go.Figure:
    """Bars by class, a colour for each part."""
    names = np.array(figure_names(info.classes))
    traces = [
        go.Bar(
            name=translate(part.name),
            x=names,
            y=np.array(part.counts),
            hovertemplate="%{x}: %{y:,}<extra>%{fullData.name}</extra>",
        )
        for part in info.parts
    ]
    return figure(
        traces,
        legend=len(traces) > 1,
        barmode="stack" if info.stacked else "group",
        xaxis=category_axis(translate(N_("Class"))),
        yaxis=value_axis(translate(N_("Images"))),
    )
