"""How far off each sample comes back from a reconstruction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from dlcore.datasets.parts import Part
from dlcore.engine.data import TrainingData, error_scale
from dlcore.engine.files import write_whole
from dlcore.engine.scores import Floats
from dlcore.records import Anomaly, Threshold
from dlcore.records.artifacts import RECONSTRUCTIONS_FILE
from dlcore.spec.data import Task
from dlcore.spec.experiment import ExperimentSpec

WORST = 48
"""Samples that are kept with what came back of them."""

MOST_COLUMNS = 100
"""Of more, each pixel of a picture for one, errors are not told one by one."""


MOST_SCORES = 10_000
"""Of each part; more change the threshold by nothing that matters."""


def find_threshold(
    data: TrainingData, spec: ExperimentSpec, answer: Callable[[Part], Floats]
) -> Threshold | None:
    """Returns the score that a share of the validation samples exceeds, or of training and validation together where
    few validate; None where nothing is reconstructed.

    Args:
        data: of the run.
        spec: says what share of the samples is above it at most.
        answer: gives what comes back of the samples of a part, (samples, numbers).
    """
    if data.task is not Task.RECONSTRUCTION:
        return None
    share = spec.training.anomaly_share
    # Of fewer, the threshold would be the highest score, and one odd sample among them would set it.
    enough = len(data.validation) * share >= 1
    parts = [data.validation] if enough else [one for one in (data.train, data.validation) if len(one)]
    scores = np.concatenate([_some_scores(part, data, answer) for part in parts])
    value = float(np.quantile(scores, 1 - share, method="inverted_cdf"))
    return Threshold(value, share, len(scores), validated=enough)


def _some_scores(part: Part, data: TrainingData, answer: Callable[[Part], Floats]) -> Floats:
    """(samples,) the scores of a part, at most `MOST_SCORES`, evenly spread."""
    places = np.linspace(0, len(part) - 1, min(len(part), MOST_SCORES)).astype(np.int64)
    some = part.take(part.indices[places])
    return scores_of_errors(answer(some) - some.labels, error_scale(data))


def count_above(threshold: Threshold, scores: Floats) -> Threshold:
    """Returns the same with how many of the test samples' scores are above it."""
    return replace(threshold, tested=len(scores), above=int((scores > threshold.value).sum()))


def anomaly_scores(found: Floats, data: TrainingData) -> Floats:
    """(samples,) the mean of each test sample's squared errors, in deviations of the training part.

    Shape:
        found: (samples, numbers).
    """
    return scores_of_errors(found - data.test.labels, error_scale(data))


def scores_of_errors(errors: Floats, deviations: Floats) -> Floats:
    """(samples,) the mean of each sample's squared errors.

    Shape:
        errors: (samples, numbers).
        deviations: (numbers,) in which they count.
    """
    scores: Floats = ((errors / deviations) ** 2).mean(axis=1)
    return scores


def worst_samples(scores: Floats, data: TrainingData) -> tuple[Anomaly, ...]:
    """Returns the test samples with the highest scores, highest first."""
    rows = data.test.own_rows
    order = np.argsort(-scores, kind="stable")[:WORST]
    return tuple(Anomaly(int(i), int(rows[i]), float(scores[i])) for i in order)


def column_names(data: TrainingData) -> tuple[str, ...]:
    """Returns what the last axis of a sample holds: columns of a table or a series, or features by number."""
    named = data.state.get("features") or data.state.get("columns")
    width = data.image_shape[-1]
    return tuple(named) if named else tuple(str(place + 1) for place in range(width))


def save_reconstructions(
    folder: Path, anomalies: tuple[Anomaly, ...], found: Floats, data: TrainingData
) -> None:
    """Writes the scores of all test samples, and the worst of them before and after.

    Raises:
        DlcoreError: the disk is full or refuses.
    """
    chosen = [one.index for one in anomalies]
    shape = (len(chosen), *data.image_shape)
    scores = anomaly_scores(found, data).astype(np.float32)
    before = data.test.labels[chosen].astype(np.float32).reshape(shape)
    after = found[chosen].astype(np.float32).reshape(shape)
    write_whole(
        folder / RECONSTRUCTIONS_FILE,
        lambda path: np.savez_compressed(
            path, scores=scores, rows=data.test.own_rows, inputs=before, outputs=after
        ),
    )
