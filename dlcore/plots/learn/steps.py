"""The loss after one step, by the learning rate of the step."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, value_axis
from dlcore.plots.learn.palette import QUIET, colour


def steps_figure(
    rates: Sequence[float], losses: Sequence[float], *, before: float, at: float, translate: Translate
) -> go.Figure:
    """Draws the losses over their rates, the loss before the step as a line.

    Args:
        rates: ascending.
        losses: after a step with each.
        before: the loss before.
        at: the rate that is looked at.
        translate: the texts.
    """
    marks = [13 if rate == at else 7 for rate in rates]
    line = go.Scatter(
        x=list(rates), y=list(losses), mode="lines+markers", line={"width": 2, "color": colour(0)},
        marker={"size": marks}, hovertemplate="η = %{x:g}: L = %{y:.6g}<extra></extra>",
    )  # fmt: skip
    found = figure(
        [line],
        height=340,
        xaxis=value_axis(translate(N_("Learning rate η")), type="log", dtick=1, exponentformat="power"),
        yaxis=value_axis(translate(N_("Loss")), rangemode="tozero"),
    )
    found.add_hline(
        y=before,
        line={"width": 1, "dash": "dot", "color": QUIET},
        annotation_text=translate(N_("before the step")),
        annotation_position="top left",
    )
    return found
