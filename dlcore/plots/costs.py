"""What the errors of a choice cost, threshold by threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, value_axis

MOST_POINTS = 2_000

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class CostsInfo:
    """Costs over thresholds, at most 2,000 of them.

    Attributes:
        thresholds, costs: of the points, from low to high.
        threshold: the chosen one.
    """

    thresholds: tuple[float, ...]
    costs: tuple[float, ...]
    threshold: float


def costs_info(thresholds: Floats, costs: Floats, threshold: float) -> CostsInfo:
    """Returns the costs ready to draw; the lowest is kept, however many there are.

    Example:
        >>> costs_info(np.array([0.0, 0.5, 1.1]), np.array([2.0, 1.0, 3.0]), 0.5).thresholds
        (0.0, 0.5, 1.0)
    """
    spread = np.linspace(0, len(costs) - 1, min(len(costs), MOST_POINTS)).astype(np.int64)
    chosen = np.unique(np.append(spread, costs.argmin()))
    return CostsInfo(
        tuple(np.minimum(thresholds[chosen], 1.0).tolist()), tuple(costs[chosen].tolist()), threshold
    )


def costs_figure(info: CostsInfo, *, translate: Translate = str) -> go.Figure:
    """Draws the mean cost of a sample over the threshold, with a mark at the chosen one."""
    line = go.Scatter(
        x=np.array(info.thresholds),
        y=np.array(info.costs),
        mode="lines",
        line={"shape": "vh"},
        hovertemplate="%{x:.3~g}: %{y:.4~g}<extra></extra>",
    )
    drawn = figure(
        [line],
        height=260,
        xaxis=value_axis(translate(N_("Threshold")), range=[0, 1]),
        yaxis=value_axis(translate(N_("Mean cost of a sample")), rangemode="tozero"),
    )
    drawn.add_vline(x=info.threshold, line={"dash": "dash", "width": 2, "color": "#8A90A2"})
    return drawn
