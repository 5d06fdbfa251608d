"""How good answers are, whoever gives them: classes, labels, and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Array, Indices
from dlcore.records import ClassScore, TargetError
from dlcore.spec.data import DatasetFacts, Task

Floats = npt.NDArray[np.floating[Any]]


def measure_answers(found: Floats, truth: Array, facts: DatasetFacts) -> dict[str, float]:
    """Returns the metrics that a task is judged by.

    They are those that Keras measures under the same names.

    Args:
        found: probabilities or numbers, as `answers` of a model has them.
        truth: the right answers, as the engine has targets.
        facts: of the dataset.
    """
    if facts.task.single_label:
        predicted = found.argmax(axis=1)
        measured = {"accuracy": float((predicted == truth).mean())}
        if facts.task is Task.BINARY:
            scored = scores(confusion(truth, predicted, 2), facts.classes)
            measured["f1"] = scored[1].f1
        return measured
    if facts.task is Task.MULTILABEL:
        said, true = found >= 0.5, truth >= 0.5
        scored = scores_of_labels(said, true, facts.classes)
        return {"accuracy": float((said == true).mean()), "f1": float(np.mean([one.f1 for one in scored]))}
    errors = found - truth
    return {"rmse": float(np.sqrt((errors**2).mean())), "mae": float(np.abs(errors).mean())}


def confusion(truth: Indices, predicted: Indices, classes: int) -> Indices:
    """Returns the counts of samples: rows are true classes, columns predicted ones."""
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def target_errors(found: Floats, truth: Floats, names: tuple[str, ...]) -> tuple[TargetError, ...]:
    """Returns how far off the answers are, target by target; R² is 0 where the truth never changes.

    Shape:
        found, truth: (samples, targets).
    """
    errors = found - truth
    spread = ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    left = (errors**2).sum(axis=0)
    return tuple(
        TargetError(
            name=name,
            mae=float(np.abs(errors[:, i]).mean()),
            rmse=float(np.sqrt(left[i] / len(errors))),
            r2=float(1 - left[i] / spread[i]) if spread[i] else 0.0,
            bias=float(errors[:, i].mean()),
        )
        for i, name in enumerate(names)
    )


def scores_of_labels(
    said: npt.NDArray[np.bool_], true: npt.NDArray[np.bool_], names: tuple[str, ...]
) -> tuple[ClassScore, ...]:
    """Precision, recall and F1 of each label by itself; 0 where the denominator is 0.

    Shape:
        said, true: (samples, labels).
    """
    hits, support, chosen = (said & true).sum(axis=0), true.sum(axis=0), said.sum(axis=0)
    return _scores(hits, support, chosen, names)


def scores(confusion: Indices, classes: tuple[str, ...]) -> tuple[ClassScore, ...]:
    """Precision, recall and F1 of each class; 0 where the denominator is 0."""
    return _scores(confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0), classes)


def _scores(
    hits: Indices, support: Indices, chosen: Indices, names: tuple[str, ...]
) -> tuple[ClassScore, ...]:
    return tuple(
        ClassScore(
            name=name,
            precision=float(hits[i] / max(chosen[i], 1)),
            recall=float(hits[i] / max(support[i], 1)),
            f1=float(2 * hits[i] / max(chosen[i] + support[i], 1)),
            support=int(support[i]),
        )
        for i, name in enumerate(names)
    )
