"""A picture of a sound: time from left to right, frequency upwards."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, value_axis


def spectrogram_figure(
    frames: npt.NDArray[np.floating], *, seconds: float, translate: Translate = str
) -> go.Figure:
    """Draws a heat map in the theme's sequential colours.

    Args:
        frames: (frames, bands) of one recording.
        seconds: how long it is.
        translate: for the texts.
    """
    trace = go.Heatmap(
        z=frames.T.astype(np.float32),
        x=np.linspace(0, seconds, len(frames), dtype=np.float32),
        showscale=False,
        hovertemplate="%{x:.2f} s, %{y}: %{z:.1f}<extra></extra>",
    )
    return figure(
        [trace],
        height=180,
        xaxis=value_axis(translate(N_("Seconds")), showgrid=False),
        yaxis=value_axis(translate(N_("Band")), showgrid=False),
    )
