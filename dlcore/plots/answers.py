"""What a model answers for one sample: its likeliest classes as bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.plots.layout import figure, figure_names

MOST_BARS = 5
_ROW, _EDGE = 40, 24
_FAINT = 0.35


@dataclass(frozen=True)
class AnswerInfo:
    """The likeliest answers, the likeliest first.

    Attributes:
        names: of the classes or labels.
        chances: the probability of each.
        chosen: whether each is part of the answer.
    """

    names: tuple[str, ...]
    chances: tuple[float, ...]
    chosen: tuple[bool, ...]


def answer_info(values: Mapping[str, float], chosen: tuple[str, ...], *, most: int = MOST_BARS) -> AnswerInfo:
    """Returns the likeliest answers, ready to draw.

    Args:
        values: the probability of each class or label.
        chosen: those that are the answer.
        most: how many are drawn.
    """
    names = tuple(sorted(values, key=lambda name: -values[name])[:most])
    return AnswerInfo(names, tuple(values[name] for name in names), tuple(name in chosen for name in names))


def answer_figure(info: AnswerInfo) -> go.Figure:
    """Draws a bar for each answer, the likeliest on top, those that are not chosen faint."""
    bars = go.Bar(
        x=np.array(info.chances),
        y=np.array(figure_names(info.names)),
        orientation="h",
        marker={"opacity": [1.0 if one else _FAINT for one in info.chosen]},
        text=[f"{chance:.1%}" for chance in info.chances],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    drawn = figure(
        [bars],
        height=_ROW * len(info.names) + _EDGE,
        bargap=0.4,
        xaxis={"range": [0, 1.0], "visible": False, "fixedrange": True},
        yaxis={
            "type": "category",
            "autorange": "reversed",
            "automargin": True,
            "showgrid": False,
            "fixedrange": True,
            "ticklabelstandoff": 6,
        },
    )
    drawn.update_layout(margin={"l": 8, "r": 56, "t": 8, "b": 8})
    return drawn
