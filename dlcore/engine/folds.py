"""Answers for every sample of a dataset by models that have not learned from it: k trainings, each without one fold."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
from numpy.lib.npyio import NpzFile

from dlcore.datasets.loader import open_samples
from dlcore.datasets.parts import Array, Indices, Part, PreparedData
from dlcore.datasets.samples import TEST, TRAIN, VALIDATION
from dlcore.design.timing import Timing
from dlcore.engine import backend
from dlcore.engine.data import TrainingData
from dlcore.engine.entry import begin_with
from dlcore.engine.files import write_whole
from dlcore.engine.stopwatch import Stopwatch
from dlcore.engine.training import Training
from dlcore.errors import N_, DatasetError
from dlcore.records import Metric, Segment
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.settings import Settings
from dlcore.spec.data import DataKind, Task
from dlcore.spec.experiment import ExperimentSpec

LEAST_EPOCHS, MOST_SAMPLES = 3, 150_000
"""A fold learns as long as the run may, but sees no more than so many samples, in three epochs at least: what one sample
too many teaches is not worth the wait."""

Tell = Callable[[int, int], None]
"""Is told how many batches of how many are done."""


@dataclass(frozen=True, eq=False)
class WholeData:
    """All samples of an experiment's dataset as one part.

    Attributes:
        data: as the run has it; its parts are not used.
        whole: all samples that are in a part.
        parts: (samples,) `train`, `validation` or `test`.
        folds: (samples,) the fold of each.
    """

    data: TrainingData
    whole: Part
    parts: Array
    folds: Indices


def unmixed(spec: ExperimentSpec) -> ExperimentSpec:
    """Returns the experiment as a fold trains it: on all samples, for all of a few epochs, since there is no validation
    part to stop by, and not with weights that have seen the labels.
    """
    values: dict[str, Any] = {
        "dataset.train_samples": None,
        "training.measure_latency": False,
        "training.early_stopping": None,
    }
    if "monitor" in type(spec.training.schedule).model_fields:
        values["training.schedule.monitor"] = "loss"
    if spec.fine_tuning is not None and spec.fine_tuning.source is not None:
        values["fine_tuning"] = None
    return spec.with_values(values)


def whole_data(spec: ExperimentSpec, prepared: PreparedData, settings: Settings, *, folds: int) -> WholeData:
    """Returns the samples of an experiment, divided into folds: each class in proportion, no group in two of them.

    Args:
        spec: as `unmixed` has it.
        prepared: its arrays.
        settings: where the data is.
        folds: how many.

    Raises:
        DatasetError: samples of this kind cannot be divided at will, or there are fewer than folds.
    """
    facts = prepared.facts
    if facts.kind is DataKind.SERIES or facts.task is Task.RECONSTRUCTION:
        raise DatasetError(
            N_("the samples of this dataset cannot be divided into folds."),
            hint=N_("Check the run's own answers for validation and test instead."),
            where=facts.name,
        )
    whole, parts = whole_part(prepared)
    if len(whole) < 2 * folds:
        raise DatasetError(
            N_("there are too few samples for {folds} folds: {count}."),
            hint=N_("Choose fewer folds, or add samples."),
            where=facts.name,
            folds=folds,
            count=len(whole),
        )
    groups = None
    if facts.has_groups:
        groups = open_samples(spec.dataset, settings, use_network=False).groups()[whole.own_rows]
    labels = whole.labels if facts.task.single_label else np.zeros(len(whole), np.int64)
    numbers = fold_numbers(labels, folds, seed=spec.seed, groups=groups)
    return WholeData(TrainingData.of(prepared, spec), whole, parts, numbers)


def whole_part(prepared: PreparedData) -> tuple[Part, Array]:
    """Returns all samples that are in a part as one, and the names of their parts."""
    train, validation, test = prepared.train, prepared.validation, prepared.test
    names = np.repeat([TRAIN, VALIDATION, TEST], [len(train), len(validation), len(test)])
    if test.y is train.y:
        indices = np.concatenate([train.indices, validation.indices, test.indices])
        return train.take(indices), names
    # A built-in dataset has its test part in arrays of its own.
    inputs = {name: np.concatenate([array, test.inputs[name]]) for name, array in train.inputs.items()}
    indices = np.concatenate([train.indices, validation.indices, test.indices + len(train.y)])
    rows = [part.rows if len(part.rows) else np.arange(len(part.y)) for part in (train, test)]
    return Part(inputs, np.concatenate([train.y, test.y]), indices, np.concatenate(rows)), names


def fold_numbers(labels: Array, folds: int, *, seed: int, groups: Array | None = None) -> Indices:
    """(samples,) the fold of each sample, by chance.

    Args:
        labels: (samples,) classes, each of which is divided evenly.
        folds: how many.
        seed: of the chance.
        groups: (samples,) if any, which stay together: the largest first, each to the smallest fold.
    """
    generator = np.random.default_rng(seed)
    found = np.zeros(len(labels), np.int64)
    if groups is not None:
        members, counts = np.unique(groups, return_inverse=True, return_counts=True)[1:]
        sizes, of_group = np.zeros(folds, np.int64), np.zeros(len(counts), np.int64)
        for group in np.argsort(-counts, kind="stable"):
            of_group[group] = sizes.argmin()
            sizes[of_group[group]] += counts[group]
        return of_group[members]
    given = 0
    for label in np.unique(labels):
        places = generator.permutation(np.flatnonzero(labels == label))
        found[places] = (given + np.arange(len(places))) % folds
        given += len(places)
    return found


def fold_epochs(spec: ExperimentSpec, samples: int) -> int:
    """Returns how many epochs a fold learns.

    Example:
        >>> fold_epochs(ExperimentSpec(), 1_000_000)
        3
    """
    return min(spec.training.epochs, max(LEAST_EPOCHS, MOST_SAMPLES // max(1, samples)))


def answers_out_of_fold(
    spec: ExperimentSpec, found: WholeData, settings: Settings, tell: Tell, *, epochs: int, kept: Path
) -> Array:
    """(samples, outputs) what is answered for each sample by the model that has not learned from its fold.

    Args:
        spec: as `unmixed` has it.
        found: the samples.
        settings: where weights of backbones and word vectors are.
        tell: is told the progress.
        epochs: how long each fold learns.
        kept: the file of the folds that are done; where it is there already, those are not done again.

    Raises:
        DlcoreError: a training diverges, or memory or disk are full.
    """
    answers, done = _read_kept(kept, len(found.whole))
    folds = int(found.folds.max()) + 1
    for fold in range(done, folds):
        held = found.folds == fold
        data = replace(
            found.data,
            train=found.whole.take(found.whole.indices[~held]),
            validation=found.whole.take(found.whole.indices[:0]),
            test=found.whole.take(found.whole.indices[held]),
        )
        with tempfile.TemporaryDirectory(prefix="dlcore-fold-") as folder:
            handle = _FoldHandle(Path(folder), tell, fold, folds)
            said = _answers(spec, data, handle, settings, epochs)
        if answers is None:
            answers = np.zeros((len(found.whole), *said.shape[1:]), np.float32)
        answers[held] = said
        _keep(kept, answers, fold + 1)
    assert answers is not None, "there is a fold at least"
    return answers


def _keep(path: Path, answers: Array, done: int) -> None:
    write_whole(path, lambda part: np.savez(part, answers=answers, done=done))


def _read_kept(path: Path, samples: int) -> tuple[Array | None, int]:
    """Returns the answers of the folds that are done, and how many those are."""
    try:
        with path.open("rb") as file, NpzFile(file, allow_pickle=False) as kept:
            answers, done = kept["answers"], int(kept["done"])
    except (OSError, ValueError, KeyError, BadZipFile):  # there is none, or the disk was full
        return None, 0
    return (answers, done) if len(answers) == samples else (None, 0)


def _answers(
    spec: ExperimentSpec, data: TrainingData, handle: _FoldHandle, settings: Settings, epochs: int
) -> Array:
    """Trains on the others of a fold, and returns the answers for the fold."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(spec.seed)
    begin = partial(begin_with, spec, data, None, settings.weights_dir, settings.vectors_dir, handle.log)
    with backend.device("auto", deterministic=spec.training.deterministic) as on_gpu:
        training = Training(
            spec,
            data,
            handle,
            epochs=epochs,
            on_gpu=on_gpu,
            resident_bytes=settings.resident_mb * 2**20,
            begin=begin,
            stopwatch=Stopwatch(),
        )
        training.run()
        training.conclude(lambda _data: ())
    with np.load(handle.folder / PREDICTIONS_FILE, allow_pickle=False) as saved:
        said: Array = saved["answers"]
    return said


@dataclass
class _FoldHandle:
    """The outside of the training of a fold: only its progress is of interest."""

    folder: Path
    tell: Tell
    fold: int
    folds: int

    def report(self, metrics: Iterable[Metric | Segment]) -> None:
        """Keeps nothing."""

    def progress(self, *, epoch: int, step: int, steps: int) -> None:
        """Tells the batches of all folds."""
        self.tell(self.fold * steps + step, self.folds * steps)

    def record(self, timing: Timing) -> None:
        """Keeps nothing."""

    def should_stop(self) -> bool:
        """Never: its process is killed."""
        return False

    def log(self, text: str) -> None:
        """Keeps nothing."""
