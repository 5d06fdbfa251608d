"""The loss around a trained model, from above and as a surface."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.analysis.learning.landscape import Landscape, Values
from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, value_axis

_HOVER = "α = %{x:.2f}, β = %{y:.2f}<br>L = %{text}<extra></extra>"


def _heights(info: Landscape) -> tuple[Values, npt.NDArray[np.str_]]:
    """Returns what is drawn, the logarithm of the loss, and the losses as texts."""
    grid = info.grid
    least = np.nanmin(np.where(grid > 0, grid, np.nan), initial=1e9)
    # An array: of lists, Plotly's surface would make one text.
    return np.log10(np.maximum(grid, least)), np.array([[f"{loss:.4g}" for loss in row] for row in grid])


def landscape_contour(info: Landscape, *, translate: Translate) -> go.Figure:
    """Draws it from above, the model itself in the middle."""
    heights, texts = _heights(info)
    ground = go.Contour(
        x=info.steps, y=info.steps, z=heights, text=texts, hovertemplate=_HOVER, colorscale="Blues_r",
        ncontours=24, showscale=False, line={"width": 0.5},
    )  # fmt: skip
    middle = go.Scatter(
        x=[0], y=[0], mode="markers", name=translate(N_("Your model")), hovertemplate="%{fullData.name}<extra></extra>",
        marker={"symbol": "star", "size": 14, "color": "#F2B705"},
    )  # fmt: skip
    return figure([ground, middle], height=440, xaxis=value_axis("α"), yaxis=value_axis("β"))


def landscape_surface(info: Landscape) -> go.Figure:
    """Draws it as a surface that can be turned."""
    heights, texts = _heights(info)
    surface = go.Surface(
        x=info.steps, y=info.steps, z=heights, text=texts, hovertemplate=_HOVER, colorscale="Blues_r", showscale=False,
    )  # fmt: skip
    found = figure([surface], height=440)
    axis = {"backgroundcolor": "rgba(0,0,0,0)", "gridcolor": "rgba(128,134,150,0.4)"}
    found.update_layout(
        scene={
            "xaxis": {"title": {"text": "α"}, **axis},
            "yaxis": {"title": {"text": "β"}, **axis},
            "zaxis": {"title": {"text": "log₁₀ L"}, **axis},
        }
    )
    return found
