"""Precision, recall and F1 of each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, category_axis, figure, value_axis
from dlcore.records import ClassScore


@dataclass(frozen=True)
class ScoresInfo:
    """The scores of the shown classes; `hidden` better ones are left out."""

    classes: tuple[str, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    hidden: int


def scores_info(scores: Sequence[ClassScore], *, worst: int = 20) -> ScoresInfo:
    """The scores in the order of the classes; of more than `worst` classes, the lowest F1 first."""
    shown = list(scores)
    if len(shown) > worst:
        shown = sorted(shown, key=lambda score: score.f1)[:worst]
    return ScoresInfo(
        tuple(score.name for score in shown),
        tuple(score.precision for score in shown),
        tuple(score.recall for score in shown),
        tuple(score.f1 for score in shown),
        len(scores) - len(shown),
    )


def scores_figure(info: ScoresInfo, *, translate: Translate = str) -> go.Figure:
    """Three bars for each class, from 0 to 1."""
    named = ((N_("Precision"), info.precision), (N_("Recall"), info.recall), (N_("F1"), info.f1))
    names = np.array(info.classes)
    traces = [
        go.Bar(
            name=translate(name),
            x=names,
            y=np.array(values),
            hovertemplate="%{x}: %{y:.1%}<extra>%{fullData.name}</extra>",
        )
        for name, values in named
    ]
    return figure(
        traces,
        legend=True,
        barmode="group",
        xaxis=category_axis(translate(N_("Class"))),
        yaxis=value_axis("", range=[0, 1], tickformat=".0%"),
    )
