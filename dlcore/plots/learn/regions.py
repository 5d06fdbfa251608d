"""Points of two classes, and what a network says of the places around them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.analysis.learning.perceptron import Labels, Layers, answer
from dlcore.plots.layout import figure
from dlcore.plots.learn.palette import colour

Values = npt.NDArray[np.float64]

SIDE = 61
_HUES = (0, 1)
_GROUND = ((0.0, "rgba(91,108,240,0.45)"), (0.5, "rgba(128,134,150,0.05)"), (1.0, "rgba(232,89,12,0.45)"))


def regions_figure(layers: Layers, x: Values, labels: Labels, *, height: int = 340) -> go.Figure:
    """Draws the probability of the second class over the plane, and the points that the network learned from.

    Args:
        layers: the network.
        x: (samples, 2).
        labels: (samples,) 0 or 1.
        height: in pixels.
    """
    low, high = x.min(axis=0) - 0.4, x.max(axis=0) + 0.4
    across, up = np.linspace(low[0], high[0], SIDE), np.linspace(low[1], high[1], SIDE)
    places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    share = answer(layers, places)[:, 1].reshape(SIDE, SIDE)
    ground = go.Contour(
        x=across, y=up, z=share, zmin=0, zmax=1, colorscale=[list(one) for one in _GROUND], showscale=False,
        contours={"start": 0.1, "end": 0.9, "size": 0.2}, line={"width": 0.5},
        hovertemplate="p(%{x:.2f}, %{y:.2f}) = %{z:.4f}<extra></extra>",
    )  # fmt: skip
    points = [
        go.Scatter(
            x=x[labels == kind, 0], y=x[labels == kind, 1], mode="markers", name=str(kind),
            marker={"size": 8, "color": colour(_HUES[kind]), "line": {"width": 1, "color": "white"}},
            hovertemplate=f"{kind} (%{{x:.2f}}, %{{y:.2f}})<extra></extra>",
        )
        for kind in (0, 1)
    ]  # fmt: skip
    plain = {"showgrid": False, "zeroline": False, "showticklabels": False}
    return figure([ground, *points], height=height, xaxis=plain, yaxis=plain)
