"""The evaluation of a trained model on the test part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Indices, Part
from dlcore.engine.checkpoint import Logs
from dlcore.engine.data import TrainingData
from dlcore.engine.files import write_whole
from dlcore.engine.reconstruction import (
    MOST_COLUMNS,
    anomaly_scores,
    column_names,
    save_reconstructions,
    worst_samples,
)
from dlcore.errors import N_
from dlcore.records import ClassScore, Evaluation, Mistake, TargetError
from dlcore.records.artifacts import EVALUATION_FILE, MISTAKES_FILE, PREDICTIONS_FILE
from dlcore.spec.data import Task
from dlcore.spec.signature import INPUT

MISTAKES = 48
"""As many as a page can show at once."""

Floats = npt.NDArray[np.floating[Any]]

MAJORITY = N_("always the most common class")
MEAN = N_("always the training part's mean")
LAST_VALUE = N_("the last value that is known")


def probabilities(outputs: Floats, *, logits: bool) -> Floats:
    """Returns each row made to sum to 1: by softmax if they are logits, by division if not.

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


def answers(outputs: Floats, task: Task, *, logits: bool) -> Floats:
    """Returns what the model says: probabilities of the classes or labels, or numbers in their own units.

    Shape:
        outputs: (samples, outputs).
        result: (samples, classes), (samples, labels) or (samples, outputs).
    """
    match task:
        case Task.MULTICLASS:
            return probabilities(outputs, logits=logits)
        case Task.BINARY | Task.MULTILABEL:
            yes: Floats = outputs.astype(np.float64)
            if logits:
                yes = np.exp(-np.logaddexp(0.0, -yes))
            return np.concatenate([1 - yes, yes], axis=1) if task is Task.BINARY else yes
        case _:
            return outputs.astype(np.float64)


def evaluate(metrics: Logs, found: Floats, data: TrainingData) -> Evaluation:
    """Returns the record of a test.

    Args:
        metrics: as Keras measured them.
        found: what `answers` gave for the test part.
        data: knows the right answers.
    """
    facts, truth = data.facts, data.test.labels
    if facts.task.single_label:
        return _of_classes(metrics, found, truth, data)
    if facts.task is Task.MULTILABEL:
        hits = scores_of_labels(found >= 0.5, truth >= 0.5, facts.classes)
        return Evaluation(metrics, facts.classes, (), hits, (), task=facts.task.value)
    if facts.task is Task.RECONSTRUCTION:
        return _of_reconstruction(metrics, found, truth, data)
    names = _target_names(data)
    guess, name = _simple_answers(data)
    return Evaluation(
        metrics=metrics,
        classes=(),
        confusion=(),
        scores=(),
        mistakes=(),
        task=facts.task.value,
        errors=target_errors(found, truth, names),
        baseline={
            "rmse": float(np.sqrt(np.mean((guess - truth) ** 2))),
            "mae": float(np.mean(np.abs(guess - truth))),
        },
        baseline_name=name,
    )


def _of_reconstruction(metrics: Logs, found: Floats, truth: Floats, data: TrainingData) -> Evaluation:
    names, guess = column_names(data), data.train.labels.mean(axis=0, dtype=np.float64)
    by_column = (-1, len(names))
    told = len(names) <= MOST_COLUMNS
    return Evaluation(
        metrics=metrics,
        classes=(),
        confusion=(),
        scores=(),
        mistakes=(),
        task=data.task.value,
        errors=target_errors(found.reshape(by_column), truth.reshape(by_column), names) if told else (),
        baseline={
            "rmse": float(np.sqrt(np.mean((guess - truth) ** 2))),
            "mae": float(np.mean(np.abs(guess - truth))),
        },
        baseline_name=MEAN,
        anomalies=worst_samples(anomaly_scores(found, data), data),
    )


def _of_classes(metrics: Logs, chances: Floats, labels: Indices, data: TrainingData) -> Evaluation:
    classes, count = data.facts.classes, len(data.facts.classes)
    predicted = chances.argmax(axis=1)
    confusion = np.bincount(labels * count + predicted, minlength=count * count).reshape(count, count)
    commonest = np.bincount(data.train.labels, minlength=count).argmax()
    return Evaluation(
        metrics=metrics,
        classes=classes,
        confusion=tuple(tuple(int(n) for n in row) for row in confusion),
        scores=scores(confusion, classes),
        mistakes=worst_mistakes(chances, labels, predicted),
        task=data.task.value,
        baseline={"accuracy": float(np.mean(labels == commonest))},
        baseline_name=MAJORITY,
    )


def _target_names(data: TrainingData) -> tuple[str, ...]:
    """Returns the name of each output; a forecast has each target once for each row ahead."""
    targets, ahead = data.facts.targets, data.state.get("ahead", [1])
    if ahead == [1]:
        return targets
    return tuple(f"{name} +{rows}" for rows in ahead for name in targets)


def _simple_answers(data: TrainingData) -> tuple[Floats, str]:
    """Returns the baseline answers that need no learning, and their name."""
    columns = data.state.get("target_columns")
    if data.task is Task.FORECASTING and columns is not None:
        last = data.test.inputs[INPUT][data.test.indices][:, -1, columns].astype(np.float64)
        return np.tile(last, (1, data.outputs // len(columns))), LAST_VALUE
    mean = data.train.labels.astype(np.float64).mean(axis=0)
    return np.broadcast_to(mean, data.test.labels.shape), MEAN


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


def worst_mistakes(chances: Floats, labels: Indices, predicted: Indices) -> tuple[Mistake, ...]:
    """Returns the wrongly classified samples with the highest confidence, highest first."""
    confidence = chances.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]
    return tuple(
        Mistake(
            index=int(i), true=int(labels[i]), predicted=int(predicted[i]), confidence=float(confidence[i])
        )
        for i in worst
    )


def save(folder: Path, evaluation: Evaluation, found: Floats, data: TrainingData) -> None:
    """Writes `evaluation.json`, `predictions.npz` and, for images, `mistakes.npz`; of a reconstruction, which
    answers as much as it is given, only the worst answers, in `reconstructions.npz`.

    Raises:
        DlcoreError: the disk is full or refuses.
    """
    if data.task is Task.RECONSTRUCTION:
        save_reconstructions(folder, evaluation.anomalies, found, data)
    else:
        _save_answers(folder, evaluation, found, data.test)
    text = json.dumps(evaluation.to_dict())
    write_whole(folder / EVALUATION_FILE, lambda path: path.write_text(text, encoding="utf-8"))


def _save_answers(folder: Path, evaluation: Evaluation, found: Floats, test: Part) -> None:
    said = found.astype(np.float32)
    write_whole(
        folder / PREDICTIONS_FILE,
        lambda path: np.savez_compressed(path, answers=said, targets=test.labels, rows=test.own_rows),
    )
    pixels = test.inputs.get(INPUT)
    if pixels is not None and pixels.dtype == np.uint8 and pixels.ndim == 4:
        images = pixels[test.indices[[mistake.index for mistake in evaluation.mistakes]]]
        write_whole(folder / MISTAKES_FILE, lambda path: np.savez_compressed(path, images=images))
