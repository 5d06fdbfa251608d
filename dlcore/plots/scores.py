"""Scores of several things beside each other, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dlcore.plots.layout import figure, figure_names, figure_text

ROW, REST = 40, 36
"""Pixels of a row, and of all that is not one."""


@dataclass(frozen=True)
class ScoreRow:
    """One of the things.

    Attributes:
        low, high: its interval; None where there is none.
        text: what stands at the end of its row.
        colour: its hue.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    text: str
    colour: str


@dataclass(frozen=True)
class ScoresInfo:
    """Scores as they are shown.

    Attributes:
        rows: from top to bottom.
        reference: the value that the others are compared with, if any.
        is_share: whether the values are shares of 1.
    """

    rows: tuple[ScoreRow, ...]
    reference: float | None
    is_share: bool


def scores_info(rows: Sequence[ScoreRow], *, reference: float | None, is_share: bool) -> ScoresInfo:
    """Returns scores, ready to draw."""
    return ScoresInfo(tuple(rows), reference, is_share)


def scores_figure(info: ScoresInfo) -> go.Figure:
    """Draws a dot and its interval for each, a dotted line at the reference, and the numbers at the right."""
    names = figure_names([row.name for row in info.rows])
    traces = [_dot(row, name) for row, name in zip(info.rows, names, strict=True)]
    drawn = figure(
        traces,
        height=ROW * len(info.rows) + REST,
        xaxis={
            "tickformat": ".0%" if info.is_share else "",
            "nticks": 5,
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={"autorange": "reversed", "type": "category", "automargin": True},
        hovermode=False,
    )
    widest = max((len(row.text) for row in info.rows), default=0)
    drawn.update_layout(margin={"l": 8, "r": 20 + 7 * widest, "t": 4, "b": 24})
    for row, name in zip(info.rows, names, strict=True):
        drawn.add_annotation(
            x=1, xref="paper", xanchor="left", xshift=10, y=name, text=figure_text(row.text), showarrow=False
        )
    if info.reference is not None:
        drawn.add_vline(info.reference, line={"width": 1, "dash": "dot", "color": "#8A90A2"})
    return drawn


def _dot(row: ScoreRow, name: str) -> go.Scatter:
    bars = None
    if row.low is not None and row.high is not None:
        bars = {
            "type": "data",
            "symmetric": False,
            "array": [row.high - row.value],
            "arrayminus": [row.value - row.low],
            "color": row.colour,
            "thickness": 2,
            "width": 0,
        }
    return go.Scatter(
        x=[row.value],
        y=[name],
        error_x=bars,
        mode="markers",
        marker={"size": 10, "color": row.colour},
        showlegend=False,
    )
