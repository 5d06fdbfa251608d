"""A run's result beside its baselines, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from dlcore.errors import N_, Message
from dlcore.records.evaluation import Baseline, Evaluation, Threshold
from dlcore.spec.metrics import METRICS, higher_is_better, judging_metric

CLOSE = 0.02
"""Errors that differ by no more than this share of the smaller one count as equal."""


class Level(StrEnum):
    """How a run compares with one baseline."""

    BETTER = "better"
    EQUAL = "equal"
    WORSE = "worse"


@dataclass(frozen=True)
class Verdict:
    """How a run compares with one baseline.

    Attributes:
        baseline: which.
        metric: what both are judged by.
        level: which of them is better.
        sentence: the same in words.
    """

    baseline: Baseline
    metric: str
    level: Level
    sentence: Message


def verdicts(found: Evaluation) -> tuple[Verdict, ...]:
    """Returns how a run compares with the best of its fitted baselines, and with the best of those that
    need no learning, in this order.
    """
    given = []
    for fitted in (True, False):
        metric = judging_metric(
            {name for one in found.baselines if one.fitted is fitted for name in one.metrics}
            & set(found.metrics)
        )
        if metric is not None:
            those = [one for one in found.baselines if one.fitted is fitted and metric in one.metrics]
            choose = max if higher_is_better(metric) else min
            given.append(_verdict(found, metric, choose(those, key=lambda one: one.metrics[metric])))
    return tuple(given)


def describe_threshold(threshold: Threshold) -> Message:
    """Returns where the threshold of anomaly scores is from, and how many test samples are above it."""
    if threshold.validated:
        text = N_(
            "above a score of {value}, a sample counts as unusual, as at most {share} of the validation samples"
            " do. Test samples above it: {above} of {tested}."
        )
    else:
        text = N_(
            "above a score of {value}, a sample counts as unusual, as at most {share} of the training and"
            " validation samples do. Test samples above it: {above} of {tested}."
        )
    params = {
        "value": f"{threshold.value:.4g}",
        "share": f"{100 * threshold.share:g}%",
        "above": threshold.above,
        "tested": threshold.tested,
    }
    return Message(text, params=params)


def worse_than_no_learning(given: tuple[Verdict, ...]) -> bool:
    """Returns whether the run has learned less than nothing."""
    return any(one.level is Level.WORSE and not one.baseline.fitted for one in given)


_SENTENCES = {
    (True, Level.BETTER): N_("{points} percentage points better than {baseline}."),
    (True, Level.EQUAL): N_("On a par with {baseline}."),
    (True, Level.WORSE): N_("{points} percentage points worse than {baseline}."),
    (False, Level.BETTER): N_("{times} times better than {baseline}."),
    (False, Level.EQUAL): N_("On a par with {baseline}."),
    (False, Level.WORSE): N_("{times} times worse than {baseline}."),
}
"""By whether the metric is a share; errors are compared by their ratio."""


def _verdict(found: Evaluation, metric: str, baseline: Baseline) -> Verdict:
    value, other = found.metrics[metric], baseline.metrics[metric]
    share = METRICS[metric].is_share
    close = chance(value, other, _samples(found)) if share else CLOSE * min(value, other)
    if abs(value - other) <= close:
        level = Level.EQUAL
    else:
        level = Level.BETTER if (value > other) is higher_is_better(metric) else Level.WORSE
    params = {
        "baseline": baseline.name,
        "points": f"{100 * abs(value - other):.1f}",
        "times": _ratio(max(value, other), min(value, other)),
    }
    return Verdict(baseline, metric, level, Message(_SENTENCES[share, level], params=params))


def _ratio(larger: float, smaller: float) -> str:
    """Returns how many times one error is the other.

    Example:
        >>> _ratio(1.9, 1.0), _ratio(300.0, 1.0), _ratio(1.0, 0.0)
        ('1.9', '300', '∞')
    """
    if smaller == 0:
        return "∞"
    ratio = larger / smaller
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 1.1 else f"{ratio:.2f}"


def _samples(found: Evaluation) -> int:
    return max(1, sum(score.support for score in found.scores))


def chance(first: float, second: float, samples: int) -> float:
    """Returns the standard error of the difference between two shares of so many samples."""
    return math.sqrt((first * (1 - first) + second * (1 - second)) / samples)
