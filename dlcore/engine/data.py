"""What a run trains on: prepared parts, and what is done to their values on the device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Indices, Part, PreparedData
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.prepare.values import Affine, ValueOp, count_non_finite, fit_value_ops
from dlcore.durable import write_json
from dlcore.engine.files import write_whole
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import Threshold
from dlcore.records.artifacts import PREPARATION_FILE
from dlcore.settings import Settings
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Shape
from dlcore.spec.metrics import VALUE_TASKS
from dlcore.spec.preprocessing import ValueStep, signature
from dlcore.spec.signature import INPUT, Signature
from dlcore.spec.training import Balanced, ClassWeight, PerClass

FloatArray = npt.NDArray[np.float32]

_BLOCK = 4_096
"""Samples whose targets are looked at in one go."""


@dataclass(frozen=True)
class TrainingData:
    """The training, validation and test data of a run.

    Attributes:
        facts: of the dataset once it is cleaned.
        signature: what the model sees, and how much it gives.
        values: for each input that is not ids, the operations on its values.
        target_scale: for tasks whose answer is a number, how the training part's targets become mean 0
            and deviation 1: `(y − offset) / scale`; None where they stay as they are.
        state: what the preparation has learned from the training part, JSON-ready.
        reading: how the dataset's files were read, as `Samples.reading` has it.
    """

    train: Part
    validation: Part
    test: Part
    facts: DatasetFacts
    signature: Signature
    values: Mapping[str, tuple[ValueOp, ...]]
    target_scale: Affine | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, prepared: PreparedData, spec: ExperimentSpec) -> TrainingData:
        """Prepared arrays with the spec's value steps fitted on their training part.

        Raises:
            DatasetError: some of their numbers are not finite. A network may hide it: ReLU makes NaN 0.
        """
        _check_finite(prepared)
        seen = signature(prepared.facts, spec.preprocessing)
        steps = [step for step in spec.preprocessing if isinstance(step, ValueStep)]
        values = {
            name: fit_value_ops(prepared.train, name, steps)
            for name, found in seen.inputs.items()
            if found.dtype != "int32"
        }
        scaled = spec.training.scale_targets and prepared.facts.task in VALUE_TASKS
        return cls(
            train=prepared.train,
            validation=prepared.validation,
            test=prepared.test,
            facts=prepared.facts,
            signature=seen,
            values=values,
            target_scale=_forecast_scale(prepared, seen, values) if scaled else None,
            state=prepared.state,
            reading=prepared.reading,
        )

    @property
    def task(self) -> Task:
        """What the model should do."""
        return self.facts.task

    @property
    def image_shape(self) -> Shape:
        """The shape of what is augmented: the samples of the one input; () where there are several."""
        return self.signature.inputs[INPUT].shape if INPUT in self.signature.inputs else ()

    @cached_property
    def outputs(self) -> int:
        """How many numbers the model gives for one sample."""
        assert self.signature.outputs is not None, "a dataset says what it asks for"
        return self.signature.outputs


def _check_finite(prepared: PreparedData) -> None:
    parts = (
        (N_("training"), prepared.train),
        (N_("validation"), prepared.validation),
        (N_("test"), prepared.test),
    )
    for title, part in parts:
        for name in part.inputs:
            if count := count_non_finite(part, name):
                raise DatasetError(
                    N_("NaN or infinite numbers are in samples of the {part} part: {count}."),
                    hint=N_("Clean the data, or add it again and choose what becomes of them."),
                    where=prepared.facts.name,
                    part=Message(title),
                    count=count,
                )


def _forecast_scale(
    prepared: PreparedData, seen: Signature, values: Mapping[str, tuple[ValueOp, ...]]
) -> Affine:
    """Returns how targets are standardised; those of a forecast as the window that they continue.

    Otherwise the same value would be one number in the window and another in the answer, the further apart the
    higher a series has risen: their means and deviations differ a little.
    """
    own = target_scale(prepared.train)
    match values.get(INPUT):
        case (Affine(scale=factor, offset=offset),) if seen.continued:
            columns = seen.inputs[INPUT].shape[-1]
            factor, offset = (np.broadcast_to(one, columns)[list(seen.continued)] for one in (factor, offset))
            steps = len(own.scale) // len(seen.continued)
            # A column that never changes is multiplied by 0.
            known = np.tile(factor > 0, steps)
            whole = np.tile(np.where(factor > 0, factor, 1.0), steps)
            scale = np.where(known, 1 / whole, own.scale)
            mean = np.where(known, -np.tile(offset, steps) / whole, own.offset)
            return Affine(scale.astype(np.float32), mean.astype(np.float32))
    return own


def target_scale(train: Part) -> Affine:
    """Returns how the training part's targets become mean 0 and deviation 1: `(y − offset) / scale`.

    Read block by block: the targets of a reconstruction are as large as the samples.
    """
    starts = range(0, len(train), _BLOCK)
    blocks = [train.indices[start : start + _BLOCK] for start in starts]
    mean = sum(train.y[one].astype(np.float64).sum(axis=0) for one in blocks) / len(train)
    spread = sum(((train.y[one].astype(np.float64) - mean) ** 2).sum(axis=0) for one in blocks)
    deviation = np.sqrt(spread / len(train))
    scale = np.where(deviation > 0, deviation, 1.0)
    return Affine(scale.astype(np.float32), np.asarray(mean, np.float32))


def load(spec: ExperimentSpec, settings: Settings, log: Callable[[str], None]) -> TrainingData:
    """Returns the data of an experiment, cleaned, divided and prepared; downloaded first where it is absent.

    Args:
        spec: names the dataset.
        settings: where the data is.
        log: is told the progress of a download or the preparation.

    Raises:
        DatasetError: the dataset is absent or damaged.
        SpecError: a step that does not fit the dataset.
    """
    return TrainingData.of(prepare(spec, settings, _tenths(log)), spec)


def _tenths(log: Callable[[str], None]) -> Callable[[str, int, int], None]:
    """Turns progress into about ten lines for each thing that takes time."""
    told: tuple[str, int] = ("", -1)

    def progress(what: str, done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // total if total else 0
        if (what, tenth) != told and (what != told[0] or tenth > told[1]):
            told = (what, tenth)
            log(f"{what}: {done:,} of {total:,}" if total else what)

    return progress


def save_preparation(
    data: TrainingData, spec: ExperimentSpec, folder: Path, threshold: Threshold | None = None
) -> None:
    """Writes what was learned from the training part, so that new samples can be prepared alike.

    Args:
        data: of the run.
        spec: of the run.
        folder: of the run.
        threshold: of a reconstruction.

    Raises:
        DlcoreError: the disk is full or refuses.
    """
    deviations = None
    if data.task is Task.RECONSTRUCTION:
        deviations = error_scale(data)
    above = threshold.value if threshold else None
    known = Preparation(spec, data.facts, data.reading, data.state, data.values, deviations, above)
    write_whole(folder / PREPARATION_FILE, lambda path: write_json(path, known.to_dict()))


def error_scale(data: TrainingData) -> npt.NDArray[np.float64]:
    """(numbers,) the deviation of each target in the training part."""
    scale = data.target_scale or target_scale(data.train)
    return scale.scale.astype(np.float64)


def epoch_order(part: Part, *, seed: int, epoch: int) -> Indices:
    """Returns the order of samples in an epoch; depends on nothing but seed and epoch."""
    return np.random.default_rng((seed, epoch)).permutation(part.indices)


def class_weights(kind: ClassWeight | None, part: Part, classes: tuple[str, ...]) -> FloatArray | None:
    """Returns one weight per class, or none where each sample counts alike; the names have been checked."""
    match kind:
        case Balanced():
            counts = np.bincount(part.labels, minlength=len(classes))
            return (len(part) / (len(classes) * np.maximum(counts, 1))).astype(np.float32)
        case PerClass():
            return np.array([kind.weights.get(name, 1.0) for name in classes], np.float32)
        case _:
            return None
