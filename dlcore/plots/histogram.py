"""Histograms of values in any range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, figure, figure_text, value_axis
from dlcore.text import short_text

MOST_BARS = 40


@dataclass(frozen=True)
class HistogramInfo:
    """Counts over equal ranges, or over each whole number where there are few of them.

    Attributes:
        edges: where ranges begin, and where the last one ends.
        counts: one fewer than edges.
        left_out: values that are missing or not finite.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    left_out: int


def histogram_info(values: npt.ArrayLike, *, bars: int = MOST_BARS) -> HistogramInfo:
    """Returns the values, ready to draw."""
    given = np.asarray(values, np.float64).ravel()
    known = given[np.isfinite(given)]
    if not len(known):
        return HistogramInfo((0.0, 1.0), (0,), len(given))
    low, high = known.min(), known.max()
    whole = bool((known == np.rint(known)).all()) and high - low < bars
    edges = np.arange(low - 0.5, high + 1) if whole else np.histogram_bin_edges(known, bars)
    counts, found = np.histogram(known, edges)
    return HistogramInfo(tuple(found.tolist()), tuple(counts.tolist()), len(given) - len(known))


def histogram_figure(
    info: HistogramInfo,
    *,
    title: str,
    samples: str = N_("Samples"),
    mark: float | None = None,
    translate: Translate = str,
) -> go.Figure:
    """Bars side by side.

    Args:
        info: what is drawn.
        mark: a value at which a line is drawn.
        title: of the axis of values.
        samples: of the axis of counts, a translatable template.
        translate: for the texts.
    """
    edges: Sequence[float] = info.edges
    centres = (np.array(edges[1:]) + np.array(edges[:-1])) / 2
    trace = go.Bar(
        x=centres,
        y=np.array(info.counts),
        width=np.diff(np.array(edges)),
        hovertemplate="%{x:.4~g}: %{y:,}<extra></extra>",
    )
    drawn = figure(
        [trace],
        height=260,
        bargap=0.04,
        xaxis=value_axis(figure_text(short_text(title))),
        yaxis=value_axis(translate(samples)),
    )
    if mark is not None:
        drawn.add_vline(x=mark, line={"dash": "dash", "width": 2, "color": "#8A90A2"})
    return drawn
