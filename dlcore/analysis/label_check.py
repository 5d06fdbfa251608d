"""A check of labels put together: what is suspicious of answers, arrays and features, as a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.analysis.duplicates import Pairs
from dlcore.analysis.labels import Doubts, confident_joint, doubt_classes, doubt_labels, doubt_numbers
from dlcore.errors import N_, DatasetError
from dlcore.records.label_check import Answer, Evidence, LabelCheck, Likeness, Outlier, Suspicion
from dlcore.spec.data import Task

Array = npt.NDArray[Any]

MOST_SUSPICIONS = 10_000
SHARE = 0.05
"""Of the samples, how many are listed at most; at least a thousand."""
MOST_DUPLICATES = 1_000
MOST_OUTLIERS = 200
UNUSUAL = 2.0
"""An outlier's neighbours are at least so many times further away than usual."""


@dataclass(frozen=True, eq=False)
class CheckedSamples:
    """The samples of a check and what was answered for them.

    Attributes:
        task: what was asked for.
        names: of classes, labels or numbers.
        answers: (samples, names) probabilities or numbers.
        targets: (samples,) class numbers, or (samples, names).
        rows: (samples,) in the dataset as it was stored.
        parts: (samples,) `train`, `validation` or `test`.
    """

    task: Task
    names: tuple[str, ...]
    answers: Array
    targets: Array
    rows: Array
    parts: Array


def check_labels(
    found: CheckedSamples,
    *,
    folds: int,
    pairs: Pairs | None = None,
    distances: Array | None = None,
) -> LabelCheck:
    """Returns what is suspicious.

    Args:
        found: the samples and the answers.
        folds: of how many trainings the answers are; 0: of the run itself.
        pairs: of samples that are nearly the same, by their places in `found`.
        distances: (samples,) of each to its neighbours.

    Raises:
        DatasetError: nothing is asked for that could be wrong.
    """
    if found.task is Task.RECONSTRUCTION:
        raise DatasetError(
            N_("there are no labels to check: each sample is its own answer."),
            hint=N_("The samples with the highest anomaly scores are on the run's page."),
        )
    doubts = _doubts(found)
    ranked = doubts.ranked()
    # By chance alone, all residuals are above 0.
    count = int(min(MOST_SUSPICIONS, max(1_000, SHARE * len(found.rows))))
    single = found.task.single_label
    joint = confident_joint(*_answered(found)) if single else np.zeros((0, 0), np.int64)
    return LabelCheck(
        evidence=Evidence.CHANCES if found.task.classifies else Evidence.RESIDUALS,
        samples=len(found.rows),
        folds=folds,
        suspicions=tuple(_suspicion(found, doubts, int(place)) for place in ranked[:count]),
        likely=int(doubts.likely.sum()),
        joint=tuple(tuple(int(n) for n in row) for row in joint),
        duplicates=() if pairs is None else _likenesses(found, pairs),
        outliers=() if distances is None else _outliers(found, distances),
        compared=0 if pairs is None else pairs.compared,
        # Of several labels each must be right; of numbers every residual is above 0.
        agreement=float((doubts.score <= 0).mean()) if found.task.classifies else 0.0,
    )


def _doubts(found: CheckedSamples) -> Doubts:
    if found.task.single_label:
        return doubt_classes(found.answers, found.targets)
    if found.task is Task.MULTILABEL:
        return doubt_labels(found.answers, found.targets)
    columns = (len(found.answers), -1)
    return doubt_numbers(found.answers.reshape(columns), found.targets.reshape(columns))


def _answered(found: CheckedSamples) -> tuple[Array, Array]:
    known = np.isfinite(found.answers).all(axis=1)
    return found.answers[known], found.targets[known]


def _suspicion(found: CheckedSamples, doubts: Doubts, place: int) -> Suspicion:
    target, suggested = found.targets[place], doubts.suggested[place]
    return Suspicion(
        sample=int(found.rows[place]),
        part=str(found.parts[place]),
        given=_answer(found, target),
        suggested=_answer(found, suggested),
        score=round(float(doubts.score[place]), 6),
        likely=bool(doubts.likely[place]),
        chances=_chances(found, place, target, suggested),
    )


def _answer(found: CheckedSamples, value: Any) -> Answer:
    if found.task.single_label:
        return found.names[int(value)]
    if found.task is Task.MULTILABEL:
        return [name for name, has in zip(found.names, value, strict=True) if has >= 0.5]
    numbers = [float(f"{one:.6g}") for one in np.ravel(value)]
    return numbers[0] if len(numbers) == 1 else numbers


def _chances(found: CheckedSamples, place: int, target: Any, suggested: Any) -> dict[str, float]:
    if not found.task.classifies:
        return {}
    if found.task.single_label:
        told: Sequence[int] = (int(target), int(suggested))
    else:
        told = np.flatnonzero((np.asarray(target) >= 0.5) != (suggested >= 0.5)).tolist()
    return {found.names[one]: round(float(found.answers[place, one]), 4) for one in told}


def _likenesses(found: CheckedSamples, pairs: Pairs) -> tuple[Likeness, ...]:
    first, second = pairs.first[:MOST_DUPLICATES], pairs.second[:MOST_DUPLICATES]
    return tuple(
        Likeness(
            int(found.rows[one]), str(found.parts[one]), int(found.rows[other]), str(found.parts[other]),
            round(float(likeness), 4), bool(np.array_equal(found.targets[one], found.targets[other])),
        )
        for one, other, likeness in zip(first, second, pairs.likeness, strict=False)
    )  # fmt: skip


def _outliers(found: CheckedSamples, distances: Array) -> tuple[Outlier, ...]:
    finite = np.where(np.isfinite(distances), distances, 0.0)
    furthest = np.argsort(-finite, kind="stable")[:MOST_OUTLIERS]
    return tuple(
        Outlier(int(found.rows[one]), str(found.parts[one]), round(float(finite[one]), 3))
        for one in furthest
        if finite[one] >= UNUSUAL
    )
