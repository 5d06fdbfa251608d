"""How a model bears disturbed samples: curves over the strength, and a sample beside what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.explanations import LOWERS, MOST_BARS, RAISES, bars_figure, bars_info
from dlcore.plots.layout import Translate, category_axis, figure, figure_names, value_axis
from dlcore.records.robustness import DISTURBANCES, Robustness, Unit

Floats = npt.NDArray[np.floating[Any]]
Bytes = npt.NDArray[np.uint8]

_GREY, _REACH = 128, 127
"""What stands for no difference in a picture of differences, and how far the largest is from it."""
_SIDE = 256
"""Pixels of a picture within a figure: of larger ones every second, third … is shown."""


@dataclass(frozen=True)
class CurveInfo:
    """How good a model is against the strength of a disturbance.

    Attributes:
        title: of the disturbance, translatable.
        strengths, values: of the points, from strength 0.
        low, high: of the interval of each value.
    """

    title: str
    strengths: tuple[float, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class CurvesInfo:
    """Curves whose strengths count the same.

    Attributes:
        unit: of the strengths.
        is_share: whether values are shares of right answers; else errors.
    """

    unit: Unit
    is_share: bool
    curves: tuple[CurveInfo, ...]


@dataclass(frozen=True, eq=False)
class ChangedPictureInfo:
    """A picture beside what became of it.

    Attributes:
        original, changed: uint8 (height, width, 3).
        difference: likewise, grey where there is none, and as strong as can be where it is `most`.
        most: the largest difference, in levels of 255.
    """

    original: Bytes
    changed: Bytes
    difference: Bytes
    most: int


def curves_info(found: Sequence[Robustness]) -> tuple[CurvesInfo, ...]:
    """Returns the curves ready to draw, those in one unit together.

    Args:
        found: any number, all of one run.
    """
    units = dict.fromkeys(one.unit for one in found)
    return tuple(
        CurvesInfo(
            unit,
            found[0].is_share,
            tuple(_curve(one) for one in found if one.unit is unit),
        )
        for unit in units
    )


def _curve(found: Robustness) -> CurveInfo:
    points = found.points
    return CurveInfo(
        DISTURBANCES[found.kind].title,
        tuple(one.strength for one in points),
        tuple(one.value for one in points),
        tuple(one.low for one in points),
        tuple(one.high for one in points),
    )


def curves_figure(info: CurvesInfo, *, translate: Translate = str) -> go.Figure:
    """Draws a line with its intervals for each disturbance."""
    lines = []
    for curve in info.curves:
        values = np.array(curve.values)
        lines.append(
            go.Scatter(
                x=np.array(curve.strengths),
                y=values,
                error_y={
                    "array": np.array(curve.high) - values,
                    "arrayminus": values - np.array(curve.low),
                    "thickness": 1,
                    "width": 3,
                },
                mode="lines+markers",
                name=translate(curve.title),
                hovertemplate=f"%{{x:g}}: %{{y:{'.1%' if info.is_share else '.4g'}}}<extra>%{{fullData.name}}</extra>",
            )
        )
    limits = {"range": [0, 1.02], "tickformat": ".0%"} if info.is_share else {"rangemode": "tozero"}
    title = N_("Right") if info.is_share else N_("Error (RMSE)")
    return figure(
        lines,
        height=320,
        legend=True,
        xaxis=value_axis(translate(info.unit.axis), rangemode="tozero"),
        yaxis=value_axis(translate(title), **limits),
    )


def changed_picture_info(original: Bytes, changed: Bytes) -> ChangedPictureInfo:
    """Returns a picture and what became of it, ready to draw.

    Args:
        original: (height, width, channels).
        changed: likewise.
    """
    step = max(1, -(-max(original.shape[:2]) // _SIDE))
    before, after = (_colours(one[::step, ::step]) for one in (original, changed))
    moved = after.astype(np.int16) - before
    most = int(np.abs(moved).max(initial=0))
    difference = np.rint(_GREY + moved * (_REACH / max(most, 1))).astype(np.uint8)
    return ChangedPictureInfo(before, after, difference, most)


def changed_spectrogram_info(original: Floats, changed: Floats) -> ChangedPictureInfo:
    """Returns a spectrogram and what became of it, time from left to right, frequency upwards; levels are of both.

    Args:
        original: (frames, bands).
        changed: likewise.
    """
    low = min(float(original.min()), float(changed.min()))
    span = max(float(original.max()), float(changed.max())) - low
    before, after = (
        np.rint((one.T[::-1, :, None] - low) / max(span, 1e-12) * 255).astype(np.uint8)
        for one in (original, changed)
    )
    return changed_picture_info(before, after)


def _colours(picture: Bytes) -> Bytes:
    """(height, width, 3)"""
    return picture[..., :3] if picture.shape[-1] >= 3 else np.repeat(picture[..., :1], 3, axis=-1)


def changed_columns_figure(
    original: Floats, changed: Floats, scale: Floats, columns: Sequence[str], *, translate: Translate = str
) -> go.Figure:
    """Draws by how many standard deviations each column was moved, the furthest on top; of many only the first.

    Args:
        original: (columns,) the sample.
        changed: (columns,) what became of it.
        scale: (columns,) the standard deviation of each.
        columns: their names.
        translate: for the texts.
    """
    moved = (changed - original).astype(np.float64) / np.maximum(scale, 1e-30)
    # What moved less is left out, for a sum of changes in several columns says nothing.
    places = np.argsort(-np.abs(moved), kind="stable")[:MOST_BARS]
    details = [f"{original[place]:.4g} → {changed[place]:.4g}" for place in places]
    info = bars_info([columns[place] for place in places], moved[places], details)
    return bars_figure(info, title=translate(N_("Change (standard deviations)")), translate=translate)


def changed_steps_figure(
    original: Floats, changed: Floats, scale: Floats, columns: Sequence[str], *, translate: Translate = str
) -> go.Figure:
    """Draws the column of a series that was moved most before and after, above what was done to all columns.

    Args:
        original: (steps, columns) the sample.
        changed: (steps, columns) what became of it.
        scale: (columns,) the standard deviation of each.
        columns: their names.
        translate: for the texts.
    """
    names = figure_names(columns)
    moved = (changed - original).astype(np.float64) / np.maximum(scale, 1e-30)
    chosen = int(np.abs(moved).sum(axis=0).argmax())
    steps = np.arange(len(original)) - len(original) + 1
    most = float(np.abs(moved).max(initial=0.0)) or 1.0
    lines = [
        go.Scatter(
            x=steps, y=one[:, chosen], mode="lines", name=translate(title), hovertemplate="%{x}: %{y:.4g}"
        )
        for title, one in ((N_("Sample"), original), (N_("Disturbed"), changed))
    ]
    heat = go.Heatmap(
        x=steps,
        y=names,
        z=moved.T,
        zmin=-most,
        zmax=most,
        colorscale=[[0, LOWERS], [0.5, "rgba(128,134,150,0.25)"], [1, RAISES]],
        colorbar={"title": {"text": translate(N_("Change (σ)"))}, "thickness": 12, "len": 0.5, "y": 0.25},
        yaxis="y2",
        hovertemplate="%{y}, %{x}: %{z:+.3g}<extra></extra>",
    )
    return figure(
        [*lines, heat],
        height=320 + 24 * min(len(names), 20),
        legend=True,
        xaxis=value_axis(translate(N_("Steps before the last one")), anchor="y2", showgrid=False),
        yaxis=value_axis(names[chosen], domain=[0.55, 1]),
        yaxis2=category_axis("", domain=[0, 0.45], showgrid=False),
    )
