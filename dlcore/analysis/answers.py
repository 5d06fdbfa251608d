"""What a run answered on a part of its data, and the metrics of these answers sample by sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.analysis.intervals import Floats, SampleScores
from dlcore.spec.data import Task

Array = npt.NDArray[Any]

MOST_LABELS = 100
"""Labels whose scores are drawn again; of more it would take too long."""
CLASS_TASKS = frozenset({Task.BINARY, Task.MULTICLASS})


@dataclass(frozen=True, eq=False)
class PartAnswers:
    """What a run answered on a part of its data.

    Attributes:
        task: what was asked for.
        answers: probabilities or numbers.
        targets: the right answers.
        rows: each sample's row in the dataset as it was stored.

    Shape:
        answers: float32 (samples, classes), (samples, labels) or (samples, targets).
        targets: (samples,) of classes, else as the answers.
        rows: int64 (samples,).
    """

    task: Task
    answers: Floats
    targets: Array
    rows: Array

    @property
    def predicted(self) -> Array:
        """The most probable class of each sample."""
        found: Array = self.answers.argmax(axis=1)
        return found

    @property
    def is_whole(self) -> bool:
        """Whether the arrays fit each other and the task: each sample has its answers, a right one, and its row."""
        answers, targets, rows = self.answers, self.targets, self.rows
        count = len(rows) if rows.ndim == 1 else -1
        if answers.ndim != 2 or answers.dtype.kind != "f" or not answers.shape[1]:
            return False
        if len(answers) != count or rows.dtype.kind not in "iu" or (rows < 0).any():
            return False
        if self.task not in CLASS_TASKS:
            return len(targets) == count and targets.size == answers.size and targets.dtype.kind in "fiub"
        fits = targets.shape == (count,) and targets.dtype.kind in "iu"
        return fits and bool(((targets >= 0) & (targets < answers.shape[1])).all())

    @property
    def finite(self) -> PartAnswers:
        """The samples whose answers are all finite; a network that has diverged gives NaN."""
        those = np.asarray(np.isfinite(self.answers).all(axis=1))
        if those.all():
            return self
        return replace(self, answers=self.answers[those], targets=self.targets[those], rows=self.rows[those])

    def same_samples(self, other: PartAnswers) -> bool:
        """Returns whether another run was asked the same, in the same order."""
        return (
            self.task is other.task
            and np.array_equal(self.rows, other.rows)
            and np.array_equal(self.targets, other.targets)
        )

    def scores(self, metric: str) -> SampleScores | None:
        """Returns a metric as it is made of the samples; None for one that is no function of means over them."""
        answers, targets = self.answers.astype(np.float64), self.targets
        if self.task in CLASS_TASKS:
            return _of_classes(metric, answers, targets)
        if answers.ndim != 2 or answers.shape != targets.shape:
            return None
        if self.task is Task.MULTILABEL:
            return _of_labels(metric, answers, targets)
        return _of_numbers(metric, answers, targets.astype(np.float64))


@dataclass(frozen=True, eq=False)
class Disagreement:
    """The test samples that one of two runs gets right and the other wrong.

    Attributes:
        first, second: the places of those that only the first, and only the second gets right; those that
            the other is surest of first.
        both, neither: how many both, and how many none gets right.
    """

    first: Array
    second: Array
    both: int
    neither: int


def disagreement(one: PartAnswers, other: PartAnswers) -> Disagreement | None:
    """Returns where two runs disagree; None where they were asked other samples, or do not answer with a class."""
    if one.task not in CLASS_TASKS or not one.same_samples(other):
        return None
    right, right_too = one.predicted == one.targets, other.predicted == other.targets
    return Disagreement(
        _surest_first(right & ~right_too, other),
        _surest_first(right_too & ~right, one),
        int((right & right_too).sum()),
        int((~right & ~right_too).sum()),
    )


def _surest_first(those: Array, wrong: PartAnswers) -> Array:
    places = np.flatnonzero(those)
    found: Array = places[np.argsort(-wrong.answers[places].max(axis=1), kind="stable")]
    return found


def _first(means: Floats) -> Floats:
    return means[..., 0]


def _of_classes(metric: str, answers: Floats, targets: Array) -> SampleScores | None:
    if metric == "accuracy":
        return SampleScores(_column(answers.argmax(axis=1) == targets), _first)
    if metric == "top_5_accuracy":
        own = np.take_along_axis(answers, targets[:, None].astype(np.int64), axis=1)
        return SampleScores(_column((answers > own).sum(axis=1) < 5), _first)
    if answers.shape[1] != 2:
        return None
    return _of_hits(metric, (answers[:, 1] > 0.5)[:, None], (targets == 1)[:, None])


def _of_labels(metric: str, answers: Floats, targets: Array) -> SampleScores | None:
    said, true = answers > 0.5, targets >= 0.5
    if metric == "accuracy":
        return SampleScores(_column((said == true).mean(axis=1)), _first)
    if metric in ("precision", "recall"):
        return _of_hits(metric, said, true)
    return _of_hits(metric, said, true, by_label=True) if said.shape[1] <= MOST_LABELS else None


def _of_hits(metric: str, said: Array, true: Array, *, by_label: bool = False) -> SampleScores | None:
    """Returns a metric of what was found, of what was said and of what is true: over all labels, or label by label."""
    counts = [(said & true), said, true]
    if not by_label:
        counts = [one.sum(axis=1, keepdims=True) for one in counts]
    labels = counts[0].shape[1]

    def combine(means: Floats) -> Floats:
        hits, chosen, support = (means[..., place * labels : (place + 1) * labels] for place in range(3))
        match metric:
            case "precision":
                found = _ratio(hits, chosen)
            case "recall":
                found = _ratio(hits, support)
            case _:
                found = _ratio(2 * hits, chosen + support)
        return _mean(found)

    if metric not in ("precision", "recall", "f1"):
        return None
    return SampleScores(np.concatenate(counts, axis=1).astype(np.float64), combine)


def _of_numbers(metric: str, answers: Floats, targets: Floats) -> SampleScores | None:
    errors = answers - targets
    match metric:
        case "rmse":
            return SampleScores(_column((errors**2).mean(axis=1)), lambda means: np.sqrt(means[..., 0]))
        case "mae":
            return SampleScores(_column(np.abs(errors).mean(axis=1)), _first)
        case "r2":
            # Of differences from the mean: squares of large numbers would cancel each other out.
            centred, count = targets - targets.mean(axis=0), targets.shape[1]

            def combine(means: Floats) -> Floats:
                left, first, second = (means[..., place * count : (place + 1) * count] for place in range(3))
                spread = second - first**2
                return _mean(np.where(spread > 0, 1 - _ratio(left, spread), 0.0))

            return SampleScores(np.concatenate([errors**2, centred, centred**2], axis=1), combine)
    return None


def _mean(values: Floats) -> Floats:
    found: Floats = values.mean(axis=-1)
    return found


def _column(values: Array) -> Floats:
    found: Floats = values.astype(np.float64)[:, None]
    return found


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
