"""What was predicted against what was true: numbers, forecasts, and yes or no."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import REFERENCE, Translate, figure, value_axis

MOST_POINTS = 2_000

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class PairsInfo:
    """True and predicted numbers of one target, at most 2,000 evenly taken ones.

    Attributes:
        low, high: where the diagonal of right answers begins and ends.
    """

    true: tuple[float, ...]
    predicted: tuple[float, ...]
    low: float
    high: float


def pairs_info(true: Floats, predicted: Floats) -> PairsInfo:
    """Returns the pairs, ready to draw."""
    chosen = np.unique(np.linspace(0, len(true) - 1, min(len(true), MOST_POINTS)).astype(np.int64))
    both = np.concatenate([true, predicted])
    return PairsInfo(
        tuple(true[chosen].tolist()),
        tuple(predicted[chosen].tolist()),
        float(both.min()),
        float(both.max()),
    )


def pairs_figure(info: PairsInfo, *, translate: Translate = str) -> go.Figure:
    """Draws one point per sample, and the line on which all would lie if each answer were right."""
    points = go.Scatter(
        x=np.array(info.true),
        y=np.array(info.predicted),
        mode="markers",
        marker={"size": 5, "opacity": 0.55},
        name=translate(N_("Samples")),
        hovertemplate="%{x:.4~g} → %{y:.4~g}<extra></extra>",
    )
    ends = np.array([info.low, info.high])
    line = go.Scatter(
        x=ends, y=ends, mode="lines", line=REFERENCE, name=translate(N_("Right answers")),
        hoverinfo="skip",
    )  # fmt: skip
    return figure(
        [points, line],
        height=380,
        legend=True,
        xaxis=value_axis(translate(N_("True value"))),
        yaxis=value_axis(translate(N_("Predicted value"))),
    )


@dataclass(frozen=True)
class ThresholdInfo:
    """How well yes is separated from no, at each threshold.

    Attributes:
        false_rate, true_rate: the ROC curve: the share of no taken for yes, of yes found.
        recall, precision: the other curve.
        area: under the ROC curve; 0.5 is guessing.
    """

    false_rate: tuple[float, ...]
    true_rate: tuple[float, ...]
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    area: float


def threshold_info(true: npt.NDArray[np.bool_], chance: Floats) -> ThresholdInfo:
    """Both curves from each sample's truth and the chance it was given; needs some of either.

    The area is that of the trapezoids, ties counted half (Fawcett, An introduction to ROC analysis, 2006).
    """
    order = np.argsort(-chance, kind="stable")
    hits, said = np.cumsum(true[order]), np.arange(1, len(true) + 1)
    # Only where the chance changes can a threshold lie.
    last = np.flatnonzero(np.append(np.diff(chance[order]) != 0, True))
    hits, said = hits[last], said[last]
    yes, no = int(true.sum()), int((~true).sum())
    true_rate = np.concatenate([[0.0], hits / max(yes, 1)])
    false_rate = np.concatenate([[0.0], (said - hits) / max(no, 1)])
    area = float(np.trapezoid(true_rate, false_rate))
    precision = np.concatenate([[1.0], hits / said])
    step = max(1, len(true_rate) // MOST_POINTS)
    kept = np.unique(np.append(np.arange(0, len(true_rate), step), len(true_rate) - 1))
    return ThresholdInfo(
        tuple(false_rate[kept].tolist()),
        tuple(true_rate[kept].tolist()),
        tuple(true_rate[kept].tolist()),
        tuple(precision[kept].tolist()),
        area,
    )


@dataclass(frozen=True)
class ChoiceInfo:
    """The confusion counts at one threshold; a share is 0 where the denominator is 0."""

    accuracy: float
    precision: float
    recall: float
    f1: float


def choice_info(true: npt.NDArray[np.bool_], chance: Floats, threshold: float) -> ChoiceInfo:
    """Returns the counts if the answer is yes from that probability on."""
    said = chance >= threshold
    hits, yes, chosen = int((said & true).sum()), int(true.sum()), int(said.sum())
    return ChoiceInfo(
        accuracy=float((said == true).mean()),
        precision=hits / max(chosen, 1),
        recall=hits / max(yes, 1),
        f1=2 * hits / max(yes + chosen, 1),
    )


def roc_figure(info: ThresholdInfo, *, translate: Translate = str) -> go.Figure:
    """Draws the ROC curve above the diagonal of guessing."""
    curve = go.Scatter(
        x=np.array(info.false_rate), y=np.array(info.true_rate), mode="lines", line={"shape": "hv"},
        name=translate(N_("Model")), cliponaxis=False,
    )  # fmt: skip
    ends = np.array([0.0, 1.0])
    guess = go.Scatter(x=ends, y=ends, mode="lines", line=REFERENCE, name=translate(N_("Guessing")))
    return figure(
        [curve, guess],
        legend=True,
        xaxis=value_axis(translate(N_("False positive rate"))),
        yaxis=value_axis(translate(N_("True positive rate"))),
    )


def precision_figure(info: ThresholdInfo, *, translate: Translate = str) -> go.Figure:
    """Precision over recall."""
    curve = go.Scatter(x=np.array(info.recall), y=np.array(info.precision), mode="lines", cliponaxis=False)
    return figure(
        [curve],
        xaxis=value_axis(translate(N_("Recall")), range=[0, 1]),
        yaxis=value_axis(translate(N_("Precision")), range=[0, 1.02]),
    )
