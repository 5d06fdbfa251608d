"""How often each pixel value occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, value_axis

_LOPSIDED = 20
_GREY = (N_("grey"),)
_RGB = (N_("red"), N_("green"), N_("blue"))
_RGB_COLOURS = ("#E03131", "#2F9E44", "#1C7ED6")


@dataclass(frozen=True)
class PixelsInfo:
    """A histogram for each channel.

    Attributes:
        channels: translatable names.
        centres: the middle of each range of values.
        shares: for each channel, the share of its pixels in each range; sums to 1.
        log: whether one range outweighs the others so much that a linear axis would hide them.
    """

    channels: tuple[str, ...]
    centres: tuple[float, ...]
    shares: tuple[tuple[float, ...], ...]
    log: bool


def pixels_info(histogram: Sequence[Sequence[int]]) -> PixelsInfo:
    """Shares from counts.

    Args:
        histogram: (channels, bins) counts over equal ranges of 0 … 255; one channel or three.
    """
    counts = np.asarray(histogram, dtype=np.float64)
    width = 256 / counts.shape[1]
    shares = counts / counts.sum(axis=1, keepdims=True)
    log = bool(shares.max() > _LOPSIDED * np.median(shares[shares > 0]))
    return PixelsInfo(
        _GREY if len(counts) == 1 else _RGB,
        tuple((np.arange(counts.shape[1]) * width + (width - 1) / 2).tolist()),
        tuple(map(tuple, shares.tolist())),
        log,
    )


def pixels_figure(info: PixelsInfo, *, translate: Translate = str) -> go.Figure:
    """Bars for grey images; for colour ones a stepped line for each channel."""
    centres = np.array(info.centres)
    hover = "%{x:.0f}: %{y:.2%}<extra>%{fullData.name}</extra>"
    if len(info.channels) == 1:
        name = translate(info.channels[0])
        traces: list[go.Bar | go.Scatter] = [
            go.Bar(x=centres, y=np.array(info.shares[0]), name=name, hovertemplate=hover)
        ]
    else:
        traces = [
            go.Scatter(
                x=centres,
                y=np.array(shares),
                name=translate(name),
                mode="lines",
                line={"shape": "hvh", "color": colour, "width": 1.5},
                hovertemplate=hover,
            )
            for name, shares, colour in zip(info.channels, info.shares, _RGB_COLOURS, strict=True)
        ]
    scale = "log" if info.log else "linear"
    return figure(
        traces,
        height=260,
        legend=len(traces) > 1,
        bargap=0.06,
        xaxis=value_axis(translate(N_("Pixel value")), range=[0, 255]),
        yaxis=value_axis(translate(N_("Share of pixels")), type=scale, tickformat="~%"),
    )
