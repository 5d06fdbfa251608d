"""Whether a model is as often right as it is sure, and the temperature that would make it so.

Of the samples that a model is 80 % sure of, 80 % should be right. The expected calibration error (ECE) is how far
confidence and accuracy are apart, in bins of the confidence, weighted by their samples (Naeini et al. 2015). A single
temperature T, which divides the logits, mends most of it and changes no answer (Guo et al. 2017): the chances become
softmax(log p / T), and T is what makes the likelihood of the right classes the highest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlcore.analysis.answers import CLASS_TASKS, PartAnswers
from dlcore.analysis.intervals import Floats, Interval, share_interval

BINS = 15
_LOWEST, _HIGHEST = 0.05, 20.0
_HALVINGS = 40
_LEAST = 1e-12
_MOST_NUMBERS = 500_000
"""Chances that a temperature is fitted to; of more, those of evenly spread samples."""


@dataclass(frozen=True)
class Bin:
    """The samples whose confidence lies in a range.

    Attributes:
        low, high: of the confidence.
        samples: how many.
        confidence: their mean.
        accuracy: the share of them that is right.
        interval: of that share.
    """

    low: float
    high: float
    samples: int
    confidence: float
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class Calibration:
    """How sure a model is, and how often it is right.

    Attributes:
        bins: those with samples, from unsure to sure.
        error: the expected calibration error, from 0 to 1.
        confidence: the mean of all samples.
        accuracy: the share of all that is right.
    """

    bins: tuple[Bin, ...]
    error: float
    confidence: float
    accuracy: float


def calibrate(found: PartAnswers, *, temperature: float = 1.0) -> Calibration:
    """Returns how well the confidence of classes says how often they are right.

    Args:
        found: what was answered, with a class for each sample.
        temperature: applied before.
    """
    assert found.task in CLASS_TASKS, "only a single class has a confidence"
    chances = at_temperature(found.answers.astype(np.float64), temperature)
    confidence, right = chances.max(axis=1), chances.argmax(axis=1) == found.targets
    places = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    bins = []
    for place in np.unique(places):
        own = places == place
        share, count = float(right[own].mean()), int(own.sum())
        bins.append(
            Bin(
                place / BINS,
                (place + 1) / BINS,
                count,
                float(confidence[own].mean()),
                share,
                share_interval(share, count),
            )
        )
    error = sum(one.samples * abs(one.accuracy - one.confidence) for one in bins) / len(confidence)
    return Calibration(tuple(bins), float(error), float(confidence.mean()), float(right.mean()))


def at_temperature(chances: Floats, temperature: float) -> Floats:
    """Returns chances as they are with another temperature of the softmax.

    Shape:
        chances: (samples, classes), each row sums to 1.

    Example:
        >>> at_temperature(np.array([[0.8, 0.2]]), 2.0).round(4).tolist()
        [[0.6667, 0.3333]]
    """
    return _softmax(_logits(chances) / temperature)


def _logits(chances: Floats) -> Floats:
    found: Floats = np.log(np.maximum(chances, _LEAST))
    return found


def _softmax(logits: Floats) -> Floats:
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = scaled / scaled.sum(axis=1, keepdims=True)
    return found


def fit_temperature(found: PartAnswers) -> float:
    """Returns the temperature at which the right classes are likeliest; of a model that is too sure it is above 1.

    The likelihood is a concave function of 1 / T, so its derivative has one zero, which is found by halving; where it
    has none within (0.05, 20), as where all answers are right, the nearer end is returned.
    """
    step = -(-found.answers.size // _MOST_NUMBERS)
    logits = _logits(found.answers[::step].astype(np.float64))
    own = np.take_along_axis(logits, found.targets[::step].astype(np.int64)[:, None], axis=1)[:, 0]
    low, high = np.log(_LOWEST), np.log(_HIGHEST)
    for _turn in range(_HALVINGS):
        middle = (low + high) / 2
        expected = (_softmax(logits / np.exp(middle)) * logits).sum(axis=1)
        if own.mean() >= expected.mean():  # sharper answers would be likelier
            high = middle
        else:
            low = middle
    return float(np.exp((low + high) / 2))
