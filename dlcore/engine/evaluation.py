"""What a trained model does on the test part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.engine.checkpoint import Logs
from dlcore.engine.data import IntArray, Part
from dlcore.engine.files import write_whole
from dlcore.records import ClassScore, Evaluation, Mistake

MISTAKES = 48
"""As many as a page can show at once."""

Floats = npt.NDArray[np.floating[Any]]


def probabilities(outputs: Floats, *, logits: bool) -> Floats:
    """Each row made to sum to 1: by softmax if they are logits, by division if not.

    Example:
        >>> probabilities(np.array([[0.0, 0.0]]), logits=True).tolist()
        [[0.5, 0.5]]
    """
    values = outputs.astype(np.float64)
    if logits:
        values = np.exp(values - values.max(axis=1, keepdims=True))
    sums = values.sum(axis=1, keepdims=True)
    result: Floats = values / np.where(sums > 0, sums, 1.0)
    return result


def evaluate(metrics: Logs, chances: Floats, labels: IntArray, classes: tuple[str, ...]) -> Evaluation:
    """The record of a test.

    Args:
        metrics: as Keras measured them.
        chances: (samples, classes), the probability of each class.
        labels: (samples,), the true classes.
        classes: their names.
    """
    predicted = chances.argmax(axis=1)
    count = len(classes)
    confusion = np.bincount(labels * count + predicted, minlength=count * count).reshape(count, count)
    return Evaluation(
        metrics=metrics,
        classes=classes,
        confusion=tuple(tuple(int(n) for n in row) for row in confusion),
        scores=scores(confusion, classes),
        mistakes=worst_mistakes(chances, labels, predicted),
    )


def scores(confusion: IntArray, classes: tuple[str, ...]) -> tuple[ClassScore, ...]:
    """Precision, recall and F1 of each class; 0 where nothing can be divided by."""
    hits, support, chosen = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        ClassScore(
            name=name,
            precision=float(hits[i] / max(chosen[i], 1)),
            recall=float(hits[i] / max(support[i], 1)),
            f1=float(2 * hits[i] / max(chosen[i] + support[i], 1)),
            support=int(support[i]),
        )
        for i, name in enumerate(classes)
    )


def worst_mistakes(chances: Floats, labels: IntArray, predicted: IntArray) -> tuple[Mistake, ...]:
    """The wrongly classified samples the model was surest of, the surest first."""
    confidence = chances.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]
    return tuple(
        Mistake(
            index=int(i), true=int(labels[i]), predicted=int(predicted[i]), confidence=float(confidence[i])
        )
        for i in worst
    )


def save(folder: Path, evaluation: Evaluation, test: Part) -> None:
    """Writes `evaluation.json` and `mistakes.npz`.

    Raises:
        DlcoreError: the disk is full or refuses.
    """
    images = test.x[test.indices[[mistake.index for mistake in evaluation.mistakes]]]
    write_whole(folder / "mistakes.npz", lambda path: np.savez_compressed(path, images=images))
    text = json.dumps(evaluation.to_dict())
    write_whole(folder / "evaluation.json", lambda path: path.write_text(text, encoding="utf-8"))
