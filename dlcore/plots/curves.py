"""Learning curves: smoothed, thinned without losing a spike, drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from tsdownsample import MinMaxDownsampler

from dlcore.plots.layout import Translate, figure, value_axis

Floats = npt.NDArray[np.float64]

MOST_POINTS = 2_000
"""Points of one trace: more cost time in the browser and cannot be seen (measured)."""


def smooth(values: npt.ArrayLike, weight: float) -> Floats:
    """The exponential moving mean, corrected so that its start is not pulled to 0.

    After n values it is Σ wⁿ⁻ⁱ vᵢ / Σ wⁿ⁻ⁱ (Kingma & Ba, arXiv:1412.6980, section 3). Values that are
    not finite stay as they are and do not enter the mean.

    Args:
        values: (points,).
        weight: of the past, from 0 (nothing changes) to below 1.

    Example:
        >>> smooth([1.0, 4.0], 0.5).tolist()
        [1.0, 3.0]
    """
    if not 0 <= weight < 1:
        raise ValueError(f"weight must be from 0 to below 1, not {weight}")
    result = np.array(values, dtype=np.float64)
    if weight == 0:
        return result
    mean, total = 0.0, 0.0
    for i, value in enumerate(result.tolist()):
        if math.isfinite(value):
            mean = weight * mean + (1 - weight) * value
            total = weight * total + (1 - weight)
            result[i] = mean / total
    return result


def thin(x: npt.ArrayLike, y: npt.ArrayLike, max_points: int = MOST_POINTS) -> tuple[Floats, Floats]:
    """At most `max_points` of the points, with the lowest and highest of each stretch, first and last.

    Args:
        x: (points,) ascending.
        y: (points,).
        max_points: at least 4.
    """
    if max_points < 4:
        raise ValueError(f"max_points must be at least 4, not {max_points}")
    xs, ys = np.asarray(x, dtype=np.float64), np.ascontiguousarray(y, dtype=np.float64)
    if len(ys) <= max_points:
        return xs, ys
    sampler = MinMaxDownsampler()  # type: ignore[no-untyped-call]
    inner = sampler.downsample(ys, n_out=(max_points - 2) // 2 * 2)
    kept = np.union1d(inner, [0, len(ys) - 1]).astype(np.int64)
    return xs[kept], ys[kept]


@dataclass(frozen=True, eq=False)
class Curve:
    """One line: `name` stands in the legend as it is; a `reference` line is dashed."""

    name: str
    x: Floats
    y: Floats
    reference: bool = False


@dataclass(frozen=True, eq=False)
class CurvesInfo:
    """What is drawn: each line smoothed and thinned, and in the background as it was."""

    lines: tuple[Curve, ...]
    raw: tuple[Curve, ...]


def curves_info(
    curves: Sequence[Curve], *, smoothing: float = 0.0, max_points: int = MOST_POINTS
) -> CurvesInfo:
    """Lines, ready to draw; `raw` is empty where nothing was smoothed."""
    lines = tuple(
        Curve(curve.name, *thin(curve.x, smooth(curve.y, smoothing), max_points), curve.reference)
        for curve in curves
    )
    raw = tuple(Curve(curve.name, *thin(curve.x, curve.y, max_points)) for curve in curves)
    return CurvesInfo(lines, raw if smoothing else ())


def curves_figure(
    info: CurvesInfo,
    *,
    x_title: str = "",
    y_title: str = "",
    log: bool = False,
    height: int = 300,
    translate: Translate = str,
) -> go.Figure:
    """The lines over a common x.

    Args:
        info: what to draw.
        x_title: a translatable template, as is `y_title`.
        y_title: what the values are.
        log: logarithmic y.
        height: in pixels.
        translate: from the template to the reader's language.
    """
    legend = len(info.lines) > 1
    traces = [_line(curve) for curve in info.lines] + [_shadow(curve) for curve in info.raw]
    return figure(
        traces,
        height=height,
        legend=legend,
        hovermode="x unified",
        xaxis=value_axis(translate(x_title) if x_title else ""),
        yaxis=value_axis(translate(y_title) if y_title else "", type="log" if log else "linear"),
    )


def _line(curve: Curve) -> go.Scatter:
    return go.Scatter(
        x=curve.x,
        y=curve.y,
        name=curve.name,
        # A single point draws no line.
        mode="lines+markers" if len(curve.x) == 1 else "lines",
        line={"width": 2, "dash": "dash" if curve.reference else "solid"},
        hovertemplate="%{y:.5~g}",
    )


def _shadow(curve: Curve) -> go.Scatter:
    """Behind the lines though after them, for a trace's place in the list decides its colour."""
    return go.Scatter(
        x=curve.x,
        y=curve.y,
        name=curve.name,
        mode="lines",
        line={"width": 1, "color": "rgba(134, 142, 150, 0.25)"},
        zorder=-1,
        showlegend=False,
        hoverinfo="skip",
    )
