"""The arrays a run trains on, and how they are prepared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore import datasets
from dlcore.errors import N_, SpecError
from dlcore.settings import Settings
from dlcore.spec.experiment import DatasetSpec, ExperimentSpec
from dlcore.spec.preprocessing import Normalization, Rescaling, Step
from dlcore.spec.training import Balanced, ClassWeight, PerClass

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

SLICE = 4096
"""Images counted at once, so that a large set is never copied as a whole."""


@dataclass(frozen=True)
class Part:
    """Some samples of an array; several parts may share one.

    Attributes:
        x: images, (samples, height, width, channels), as they are stored.
        y: class numbers, (samples,).
        indices: which of them belong to the part.
    """

    x: npt.NDArray[np.uint8]
    y: IntArray
    indices: IntArray

    def __len__(self) -> int:
        return len(self.indices)

    @classmethod
    def whole(cls, x: npt.NDArray[np.uint8], y: npt.NDArray[Any]) -> Part:
        """All samples of an array."""
        return cls(x, y.astype(np.int64), np.arange(len(x)))

    def take(self, indices: IntArray) -> Part:
        """Some samples of the array."""
        return Part(self.x, self.y, indices)

    @cached_property
    def labels(self) -> IntArray:
        """The part's own class numbers."""
        labels: IntArray = self.y[self.indices]
        return labels


@dataclass(frozen=True)
class Preparation:
    """`x · scale + offset` for each channel: what all preprocessing steps come to together."""

    scale: FloatArray
    offset: FloatArray


@dataclass(frozen=True)
class TrainingData:
    """What a run trains on, watches, and is judged by."""

    train: Part
    validation: Part
    test: Part
    classes: tuple[str, ...]
    preparation: Preparation

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(height, width, channels) of one image."""
        return self.train.x.shape[1:]


def load(spec: ExperimentSpec, settings: Settings, log: Callable[[str], None]) -> TrainingData:
    """The data of an experiment, split and prepared as it says; downloaded first where it is absent.

    Args:
        spec: names the dataset.
        settings: where data lies.
        log: told how a download goes on.

    Raises:
        DatasetError: the dataset is absent or damaged.
        SpecError: a preprocessing step that is not known.
    """
    data = datasets.load(spec.dataset.name, settings, progress=_tenths(log))
    train, validation = divide(Part.whole(data.x_train, data.y_train), spec.dataset, seed=spec.seed)
    return TrainingData(
        train=train,
        validation=validation,
        test=Part.whole(data.x_test, data.y_test),
        classes=tuple(data.facts.classes),
        preparation=prepare(train, spec.preprocessing),
    )


def _tenths(log: Callable[[str], None]) -> Callable[[int, int], None]:
    """Turns the progress of a download into about ten lines."""
    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        if total and (tenth := 10 * done // total) > told:
            told = tenth
            log(f"downloading: {done / 1e6:.1f} of {total / 1e6:.1f} MB")

    return progress


def divide(whole: Part, dataset: DatasetSpec, *, seed: int) -> tuple[Part, Part]:
    """The training and the validation part, stratified by class."""
    indices = whole.indices
    if dataset.train_samples is not None and dataset.train_samples < len(indices):
        indices = datasets.subset(whole.labels, dataset.train_samples, seed=seed)
    split = datasets.split(whole.y[indices], dataset.validation_fraction, seed=seed)
    return whole.take(indices[split.train]), whole.take(indices[split.validation])


def prepare(train: Part, steps: tuple[Step, ...]) -> Preparation:
    """All steps in one, fitted on the training part alone."""
    channels = train.x.shape[-1]
    scale, offset = np.ones(channels), np.zeros(channels)
    for step in steps:
        match step:
            case Rescaling():
                scale, offset = scale * step.scale, offset * step.scale + step.offset
            case Normalization():
                mean, deviation = _moments(train)
                # A channel that never changes has no deviation; Keras divides by 1e-7 at least.
                divisor = np.maximum(np.abs(scale) * deviation, 1e-7)
                scale, offset = scale / divisor, -scale * mean / divisor
            case _:
                raise SpecError(
                    N_("the step {kind} cannot be applied to images."),
                    hint=N_("Remove it."),
                    where="preprocessing",
                    kind=step.kind,
                )
    return Preparation(scale.astype(np.float32), offset.astype(np.float32))


def _moments(part: Part) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Each channel's mean and deviation, exactly, by counting the 256 values."""
    channels = part.x.shape[-1]
    counts = np.zeros((channels, 256), np.int64)
    for start in range(0, len(part), SLICE):
        images = part.x[part.indices[start : start + SLICE]]
        for channel in range(channels):
            counts[channel] += np.bincount(images[..., channel].ravel(), minlength=256)
    values = np.arange(256.0)
    shares = counts / counts.sum(axis=1, keepdims=True)
    mean = shares @ values
    return mean, np.sqrt(np.maximum(shares @ values**2 - mean**2, 0.0))


def epoch_order(part: Part, *, seed: int, epoch: int) -> IntArray:
    """The order of samples in an epoch; depends on nothing but seed and epoch."""
    return np.random.default_rng((seed, epoch)).permutation(part.indices)


def class_weights(kind: ClassWeight | None, part: Part, classes: tuple[str, ...]) -> FloatArray | None:
    """One weight a class, or none where each sample counts alike; the names have been checked."""
    match kind:
        case Balanced():
            counts = np.bincount(part.labels, minlength=len(classes))
            return (len(part) / (len(classes) * np.maximum(counts, 1))).astype(np.float32)
        case PerClass():
            return np.array([kind.weights.get(name, 1.0) for name in classes], np.float32)
        case _:
            return None
