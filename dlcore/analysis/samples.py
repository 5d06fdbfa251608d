"""Each sample of a part with what a run answered: how sure it was, how wrong, and which of them to look at first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from dlcore.analysis.answers import CLASS_TASKS, Array, PartAnswers
from dlcore.analysis.intervals import Floats
from dlcore.spec.data import Task

Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LEAST_CHANCE = 1e-7
"""Keras' own bound: a chance of 0 would cost infinitely much."""


class Order(StrEnum):
    """Which samples to look at, and in which order."""

    SURE_AND_WRONG = "wrong"
    UNSURE_AND_RIGHT = "unsure"
    HIGHEST_LOSS = "loss"
    AS_STORED = "all"


@dataclass(frozen=True, eq=False)
class ExaminedSamples:
    """The samples of a part, in the order of its answers.

    Attributes:
        task: what was asked for.
        rows: each sample's row in the dataset as it was stored.
        true, predicted: class numbers (samples,), labels as 0 and 1 (samples, labels), or numbers (samples, targets).
        confidence: the chance of the class that was answered; of labels, the mean chance of what was said of each. NaN
            of numbers.
        loss: the cross-entropy in nats, of labels their mean; of numbers the mean of the squared errors, each in
            standard deviations of that target's true values in this part.
        correct: whether the answer is right, of labels whether all are; None for numbers.
    """

    task: Task
    rows: Indices
    true: Array
    predicted: Array
    confidence: Floats
    loss: Floats
    correct: Flags | None

    def __len__(self) -> int:
        return len(self.rows)

    def place_of(self, row: int) -> int | None:
        """Returns where a sample stands; None where it is not of this part."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def orders(self) -> tuple[Order, ...]:
        """Returns the ways in which these samples can be ordered."""
        return tuple(Order) if self.correct is not None else (Order.HIGHEST_LOSS, Order.AS_STORED)

    def chosen(self, order: Order, *, true: int | None = None, predicted: int | None = None) -> Indices:
        """Returns the places of samples in an order.

        Args:
            order: which of them, and which first.
            true: of this class, or with this label.
            predicted: answered as this class, or with this label.
        """
        wanted = np.ones(len(self), np.bool_)
        for values, label in ((self.true, true), (self.predicted, predicted)):
            if label is not None:
                wanted &= values == label if values.ndim == 1 else values[:, label] == 1
        if self.correct is not None and order is Order.SURE_AND_WRONG:
            wanted &= ~self.correct
        if self.correct is not None and order is Order.UNSURE_AND_RIGHT:
            wanted &= self.correct
        places = np.flatnonzero(wanted)
        keys = {
            Order.SURE_AND_WRONG: -self.confidence,
            Order.UNSURE_AND_RIGHT: self.confidence,
            Order.HIGHEST_LOSS: -self.loss,
            Order.AS_STORED: self.rows,
        }
        return places[np.argsort(keys[order][places], kind="stable")]


def examine(found: PartAnswers) -> ExaminedSamples:
    """Returns the samples of a part with how well each was answered."""
    answers = found.answers.astype(np.float64)
    if found.task in CLASS_TASKS:
        return _examine_classes(found, answers)
    if found.task is Task.MULTILABEL:
        return _examine_labels(found, answers)
    true = found.targets.astype(np.float64).reshape(answers.shape)
    spread = true.std(axis=0)
    errors = (answers - true) / np.where(spread > 0, spread, 1.0)
    return ExaminedSamples(
        found.task, found.rows, true, answers, np.full(len(true), np.nan), (errors**2).mean(axis=1), None
    )


def _examine_classes(found: PartAnswers, answers: Floats) -> ExaminedSamples:
    predicted, true = answers.argmax(axis=1), found.targets.astype(np.int64)
    own = np.take_along_axis(answers, true[:, None], axis=1)[:, 0]
    return ExaminedSamples(
        found.task,
        found.rows,
        true,
        predicted,
        answers.max(axis=1),
        -np.log(np.clip(own, LEAST_CHANCE, 1.0)),
        predicted == true,
    )


def _examine_labels(found: PartAnswers, answers: Floats) -> ExaminedSamples:
    said, true = answers >= 0.5, found.targets >= 0.5
    right = np.clip(np.where(true, answers, 1 - answers), LEAST_CHANCE, 1.0)
    return ExaminedSamples(
        found.task,
        found.rows,
        true.astype(np.int64),
        said.astype(np.int64),
        np.where(said, answers, 1 - answers).mean(axis=1),
        -np.log(right).mean(axis=1),
        (said == true).all(axis=1),
    )
