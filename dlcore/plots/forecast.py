"""A forecast as the continuation of what came before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_text, value_axis
from dlcore.text import short_text

MOST_BEFORE = 200
"""Rows before the forecast that are drawn."""


@dataclass(frozen=True)
class ForecastInfo:
    """One number over time: what was known, and what is forecast.

    Attributes:
        name: of the number.
        before: the known values, the last one at position 0; None where there is none.
        steps: how many rows after the last known one each forecast is.
        ahead: the forecasts.
        after: what came then, the first value at position 1; nothing where it is not known.
    """

    name: str
    before: tuple[float | None, ...]
    steps: tuple[int, ...]
    ahead: tuple[float, ...]
    after: tuple[float | None, ...] = ()


def forecast_info(
    name: str,
    before: Sequence[float | None],
    ahead: Sequence[tuple[int, float]],
    after: Sequence[float | None] = (),
) -> ForecastInfo:
    """Returns a forecast ready to draw.

    Args:
        name: of the number.
        before: the known values, in order.
        ahead: of each forecast, how many rows it is ahead, and the value.
        after: the values that came then, in order, where they are known.
    """
    ordered = sorted(ahead)
    return ForecastInfo(
        name,
        tuple(before[-MOST_BEFORE:]),
        tuple(steps for steps, _ in ordered),
        tuple(value for _, value in ordered),
        tuple(after),
    )


def forecast_figure(info: ForecastInfo, *, translate: Translate) -> go.Figure:
    """Draws the known values as a line, and the forecast dotted from the last of them on; beside it what came then."""
    start = 1 - len(info.before)
    last = info.before[-1] if info.before else None
    known = go.Scatter(
        x=list(range(start, 1)),
        y=list(info.before),
        name=figure_text(short_text(info.name, 32)),
        mode="lines",
        line={"width": 1.5},
    )
    ahead = go.Scatter(
        x=[0, *info.steps],
        y=[last, *info.ahead],
        name=translate(N_("Forecast")),
        mode="lines+markers",
        line={"width": 1.5, "dash": "dot"},
    )
    traces = [known, ahead]
    if info.after:
        came = go.Scatter(
            x=list(range(len(info.after) + 1)),
            y=[last, *info.after],
            name=translate(N_("What came then")),
            mode="lines",
            line={"width": 1.5, "color": "#8A90A2"},
        )
        traces.insert(1, came)
    return figure(
        traces,
        height=260 if info.after else 220,
        legend=True,
        hovermode="x unified",
        xaxis=value_axis(translate(N_("Rows after the last one"))),
        yaxis=value_axis(""),
    )
