"""The evaluation of a trained model on the test part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.datasets.parts import Indices, Part
from dlcore.engine.checkpoint import Logs
from dlcore.engine.data import TrainingData
from dlcore.engine.files import write_whole
from dlcore.engine.reconstruction import (
    MOST_COLUMNS,
    anomaly_scores,
    column_names,
    count_above,
    save_reconstructions,
    worst_samples,
)
from dlcore.engine.scores import Floats, confusion, scores, scores_of_labels, target_errors
from dlcore.records import Baseline, Evaluation, Mistake, Threshold
from dlcore.records.artifacts import (
    EVALUATION_FILE,
    MISTAKES_FILE,
    PREDICTIONS_FILE,
    VALIDATION_PREDICTIONS_FILE,
)
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.model import ModelSpec
from dlcore.spec.signature import INPUT
from dlcore.spec.training import gives_probabilities

MISTAKES = 48
"""As many as a page can show at once."""


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


def answers(outputs: Floats, task: Task, model: ModelSpec) -> Floats:
    """Returns what the model says: probabilities of the classes or labels, or numbers in their own units.

    Args:
        outputs: of the network, as they come.
        task: what is asked for.
        model: knows whether they are probabilities already.

    Shape:
        outputs: (samples, outputs).
        result: (samples, classes), (samples, labels) or (samples, outputs).
    """
    logits = not gives_probabilities(model)
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


def evaluate(
    metrics: Logs,
    found: Floats,
    data: TrainingData,
    baselines: tuple[Baseline, ...] = (),
    threshold: Threshold | None = None,
) -> Evaluation:
    """Returns the record of a test.

    Args:
        metrics: as Keras measured them.
        found: what `answers` gave for the test part.
        data: knows the right answers.
        baselines: what the run is compared with.
        threshold: of a reconstruction.
    """
    facts, truth = data.facts, data.test.labels
    classes = facts.classes if facts.task.classifies else ()
    record = Evaluation(metrics, classes, (), (), (), task=facts.task.value, baselines=baselines)
    if facts.task.single_label:
        predicted = found.argmax(axis=1)
        counts = confusion(truth, predicted, len(classes))
        return replace(
            record,
            confusion=tuple(tuple(int(n) for n in row) for row in counts),
            scores=scores(counts, classes),
            mistakes=worst_mistakes(found, truth, predicted),
        )
    if facts.task is Task.MULTILABEL:
        return replace(record, scores=scores_of_labels(found >= 0.5, truth >= 0.5, classes))
    if facts.task is Task.RECONSTRUCTION:
        names = column_names(data)
        by_column = (-1, len(names))
        told = len(names) <= MOST_COLUMNS
        scores_found = anomaly_scores(found, data)
        return replace(
            record,
            errors=target_errors(found.reshape(by_column), truth.reshape(by_column), names) if told else (),
            anomalies=worst_samples(scores_found, data),
            threshold=threshold and count_above(threshold, scores_found),
        )
    return replace(record, errors=target_errors(found, truth, answer_names(data.facts, data.state)))


def answer_names(facts: DatasetFacts, state: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the name of each number that is asked for; a forecast has each target once for each row ahead.

    Args:
        facts: of the dataset.
        state: what the preparation has learned.
    """
    targets, ahead = facts.targets, state.get("ahead", [1])
    if ahead == [1]:
        return targets
    return tuple(f"{name} +{rows}" for rows in ahead for name in targets)


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


def save(
    folder: Path, evaluation: Evaluation, data: TrainingData, found: Floats, validation: Floats | None
) -> None:
    """Writes `evaluation.json`, the answers for the test and the validation part and, for images, `mistakes.npz`; of a
    reconstruction, which answers as much as it is given, only the worst answers, in `reconstructions.npz`.

    Args:
        folder: of the run.
        evaluation: of the test part.
        data: knows the right answers.
        found: what `answers` gave for the test part.
        validation: the same for the validation part, if there is one.

    Raises:
        DlcoreError: the disk is full or refuses.
    """
    if data.task is Task.RECONSTRUCTION:
        save_reconstructions(folder, evaluation.anomalies, found, data)
    else:
        _save_mistakes(folder, evaluation, data.test)
        _save_answers(folder / PREDICTIONS_FILE, found, data.test)
        if validation is not None:
            _save_answers(folder / VALIDATION_PREDICTIONS_FILE, validation, data.validation)
    text = json.dumps(evaluation.to_dict())
    write_whole(folder / EVALUATION_FILE, lambda path: path.write_text(text, encoding="utf-8"))


def _save_answers(path: Path, found: Floats, part: Part) -> None:
    said = found.astype(np.float32)
    write_whole(
        path,
        lambda path: np.savez_compressed(path, answers=said, targets=part.labels, rows=part.own_rows),
    )


def _save_mistakes(folder: Path, evaluation: Evaluation, test: Part) -> None:
    pixels = test.inputs.get(INPUT)
    if pixels is not None and pixels.dtype == np.uint8 and pixels.ndim == 4:
        images = pixels[test.indices[[mistake.index for mistake in evaluation.mistakes]]]
        write_whole(folder / MISTAKES_FILE, lambda path: np.savez_compressed(path, images=images))
