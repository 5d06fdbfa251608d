"""Maps of samples, and what the layers of a network give, as figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_names, value_axis

RIGHT, WRONG = "rgba(128,134,150,0.55)", "#D55E00"
MOST_CLASSES = 20
"""Of more, one colour could not be told from the next."""
_HUES = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8172B3", "#937860", "#D81B60", "#B3A900",
)  # fmt: skip
_GAP = 1
"""Cells between two maps of a sheet."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class PointGroup:
    """Samples of one colour.

    Attributes:
        name: of the group, translatable or of a class.
        places: of its points.
        colour: of them.
    """

    name: str
    places: npt.NDArray[np.int64]
    colour: str


def groups_by_class(labels: Array, classes: Sequence[str]) -> tuple[PointGroup, ...]:
    """Returns the samples of each class; those of the last of very many together."""
    names = list(classes)
    shown = [place for place in range(len(names)) if (labels == place).any()]
    groups = [
        PointGroup(names[place], np.flatnonzero(labels == place), _HUES[number % len(_HUES)])
        for number, place in enumerate(shown[:MOST_CLASSES])
    ]
    rest = np.flatnonzero(np.isin(labels, shown[MOST_CLASSES:]))
    return (*groups, PointGroup(N_("Other classes"), rest, RIGHT)) if len(rest) else tuple(groups)


def groups_by_error(true: Array, predicted: Array) -> tuple[PointGroup, ...]:
    """Returns the samples that were answered rightly, and on top of them those that were not."""
    wrong = true != predicted
    return (
        PointGroup(N_("Right"), np.flatnonzero(~wrong), RIGHT),
        PointGroup(N_("Wrong"), np.flatnonzero(wrong), WRONG),
    )


def map_figure(
    points: Array, rows: Array, groups: Sequence[PointGroup], *, translate: Translate = str
) -> go.Figure:
    """Draws each sample as a point that knows its row in the dataset.

    Args:
        points: (samples, 2).
        rows: (samples,) of the dataset.
        groups: colours of the points.
        translate: for the texts.
    """
    titles = figure_names([translate(group.name) for group in groups])
    traces = [
        go.Scatter(
            x=points[group.places, 0],
            y=points[group.places, 1],
            customdata=rows[group.places],
            text=_numbers(rows[group.places]),
            mode="markers",
            name=title,
            marker={"size": 6, "color": group.colour, "line": {"width": 0}},
            hovertemplate=translate(N_("Sample")) + " %{text}<extra>%{fullData.name}</extra>",
        )
        for group, title in zip(groups, titles, strict=True)
    ]
    hidden = {"showticklabels": False, "showgrid": False, "zeroline": False}
    return figure(traces, height=520, legend=True, xaxis=hidden, yaxis={**hidden, "scaleanchor": "x"})


def values_figure(
    points: Array, rows: Array, values: Array, title: str, *, translate: Translate = str
) -> go.Figure:
    """Draws each sample as a point in the colour of a number, such as its target."""
    trace = go.Scatter(
        x=points[:, 0],
        y=points[:, 1],
        customdata=np.stack([rows.astype(np.float64), values.astype(np.float64)], axis=1),
        text=_numbers(rows),
        mode="markers",
        marker={
            "size": 6,
            "color": values,
            "colorscale": "Viridis",
            "colorbar": {"title": {"text": translate(title)}, "thickness": 12},
        },
        hovertemplate=translate(N_("Sample")) + " %{text}: %{customdata[1]:.4g}<extra></extra>",
    )
    hidden = {"showticklabels": False, "showgrid": False, "zeroline": False}
    return figure([trace], height=520, xaxis=hidden, yaxis={**hidden, "scaleanchor": "x"})


def _numbers(rows: Array) -> list[str]:
    """Returns the numbers of samples as they are shown."""
    return [f"{row:,}" for row in rows.tolist()]


def sheet_of(maps: Array) -> npt.NDArray[np.float64]:
    """Returns all maps beside and below each other, each from its lowest value, 0, to its highest, 1.

    Shape:
        maps: (channels, height, width).
        result: (rows, columns); NaN between the maps.
    """
    count, height, width = maps.shape
    columns = math.ceil(math.sqrt(count * max(1.0, height / width)))
    lines = math.ceil(count / columns)
    sheet = np.full((lines * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP), np.nan)
    for number, one in enumerate(maps.astype(np.float64)):
        top, left = number // columns * (height + _GAP), number % columns * (width + _GAP)
        low, high = one.min(), one.max()
        sheet[top : top + height, left : left + width] = (one - low) / (high - low) if high > low else 0.0
    return sheet


def layer_figure(values: Array, *, of_sound: bool = False, translate: Translate = str) -> go.Figure:
    """Draws what a layer gives: maps as a sheet, steps as lines of a picture, numbers as bars.

    Args:
        values: (channels, height, width), (channels, steps) or (numbers,); of a single step, its channels are numbers.
        of_sound: whether maps are (channels, frames, bands): time goes from left to right, frequency upwards.
        translate: for the texts.
    """
    if of_sound and values.ndim == 3:
        values = values.swapaxes(1, 2)[:, ::-1]
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 1:
        bars = go.Bar(x=np.arange(len(values)), y=values, hovertemplate="%{x}: %{y:.4g}<extra></extra>")
        return figure([bars], height=200, bargap=0.1, xaxis={"title": {"text": translate(N_("Number"))}})
    is_maps = values.ndim == 3
    trace = go.Heatmap(
        z=sheet_of(values) if is_maps else values,
        colorscale="Viridis",
        showscale=not is_maps,
        hoverongaps=False,
        hoverinfo="skip" if is_maps else None,
    )
    if is_maps:
        hidden = {"visible": False}
        y = {**hidden, "autorange": "reversed", "scaleanchor": "x"}
        return figure([trace], height=320, xaxis={**hidden, "constrain": "domain"}, yaxis=y)
    steps, channels = value_axis(translate(N_("Step"))), value_axis(translate(N_("Channel")))
    return figure([trace], height=240, xaxis=steps, yaxis=channels)
