"""The curves of several small trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, value_axis
from dlcore.plots.learn.palette import colour


def trials_figure(
    curves: Mapping[str, Sequence[float]], *, y_title: str, is_log: bool, translate: Translate
) -> go.Figure:
    """Draws curves over epochs, which begin at 1.

    Args:
        curves: by what they are called.
        y_title: what they show.
        is_log: whether each step up multiplies.
        translate: the texts.
    """
    traces = [
        go.Scatter(
            x=list(range(1, len(curve) + 1)), y=list(curve), name=name, mode="lines+markers",
            line={"width": 2, "color": colour(place)}, marker={"size": 5},
            hovertemplate="%{x}: %{y:.4g}<extra>" + name + "</extra>",
        )
        for place, (name, curve) in enumerate(curves.items())
    ]  # fmt: skip
    scale = {"type": "log", "dtick": 1, "exponentformat": "power"} if is_log else {"rangemode": "tozero"}
    return figure(
        traces,
        legend=True,
        xaxis=value_axis(translate(N_("Epoch"))),
        yaxis=value_axis(y_title, **scale),
    )
