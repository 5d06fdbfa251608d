"""How sure a model is against how often it is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import REFERENCE, Translate, figure, value_axis


@dataclass(frozen=True)
class ReliabilityInfo:
    """One point for each range of the confidence.

    Attributes:
        confidence, accuracy: of its samples.
        low, high: of the interval of the accuracy.
        samples: how many.
    """

    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    samples: tuple[int, ...]


def reliability_info(
    confidence: Sequence[float],
    accuracy: Sequence[float],
    ends: Sequence[tuple[float, float]],
    samples: Sequence[int],
) -> ReliabilityInfo:
    """Returns the points ready to draw.

    Args:
        confidence: of each range.
        accuracy: of each range.
        ends: of the interval of each accuracy.
        samples: in each range.
    """
    return ReliabilityInfo(
        tuple(confidence),
        tuple(accuracy),
        tuple(low for low, _high in ends),
        tuple(high for _low, high in ends),
        tuple(samples),
    )


def reliability_figure(info: ReliabilityInfo, *, translate: Translate = str) -> go.Figure:
    """Draws the points with their intervals, and the line on which those of a calibrated model lie."""
    accuracy = np.array(info.accuracy)
    ends = np.array([0.0, 1.0])
    line = go.Scatter(
        x=ends, y=ends, mode="lines", line=REFERENCE, hoverinfo="skip", name=translate(N_("Calibrated"))
    )
    points = go.Scatter(
        x=np.array(info.confidence),
        y=accuracy,
        error_y={
            "array": np.array(info.high) - accuracy,
            "arrayminus": accuracy - np.array(info.low),
            "thickness": 1,
            "width": 3,
        },
        customdata=np.array(info.samples),
        mode="lines+markers",
        cliponaxis=False,
        name=translate(N_("Model")),
        hovertemplate=f"{translate(N_('Confidence'))}: %{{x:.1%}}<br>{translate(N_('Right'))}: %{{y:.1%}}<br>"
        f"{translate(N_('Samples'))}: %{{customdata:,}}<extra></extra>",
    )
    return figure(
        [points, line],
        height=360,
        legend=True,
        xaxis=value_axis(translate(N_("Confidence")), range=[0, 1.02], tickformat=".0%"),
        yaxis=value_axis(translate(N_("Right")), range=[0, 1.02], tickformat=".0%"),
    )


@dataclass(frozen=True)
class ConfidenceInfo:
    """How many right and wrong answers there are at each confidence.

    Attributes:
        edges: of the ranges, one more than there are counts.
        right, wrong: samples in each range.
    """

    edges: tuple[float, ...]
    right: tuple[int, ...]
    wrong: tuple[int, ...]


def confidence_info(confidence: np.ndarray, correct: np.ndarray, *, bars: int = 20) -> ConfidenceInfo:
    """Returns the counts ready to draw.

    Example:
        >>> confidence_info(np.array([0.2, 0.9, 0.9]), np.array([False, True, False]), bars=2)
        ConfidenceInfo(edges=(0.0, 0.5, 1.0), right=(0, 1), wrong=(1, 1))
    """
    edges = np.linspace(0, 1, bars + 1)
    counts = [np.histogram(confidence[own], edges)[0].tolist() for own in (correct, ~correct)]
    return ConfidenceInfo(tuple(edges.tolist()), tuple(counts[0]), tuple(counts[1]))


def confidence_figure(
    info: ConfidenceInfo, colors: Sequence[str], *, translate: Translate = str
) -> go.Figure:
    """Draws stacked bars, right answers below wrong ones.

    Args:
        info: what is drawn.
        colors: of right and of wrong answers, in the reader's theme.
        translate: for the titles.
    """
    edges = np.array(info.edges)
    bars = [
        go.Bar(
            x=(edges[1:] + edges[:-1]) / 2,
            y=np.array(counts),
            width=np.diff(edges),
            name=translate(name),
            marker={"color": color},
            hovertemplate="%{x:.0%}: %{y:,}",
        )
        for name, counts, color in zip(
            (N_("Right"), N_("Wrong")), (info.right, info.wrong), colors, strict=True
        )
    ]
    return figure(
        bars,
        height=320,
        legend=True,
        barmode="stack",
        bargap=0.04,
        xaxis=value_axis(translate(N_("Confidence")), range=[0, 1.02], tickformat=".0%"),
        yaxis=value_axis(translate(N_("Samples"))),
    )
