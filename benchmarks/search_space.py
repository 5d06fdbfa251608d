"""What all searches of the benchmark have in common: the space, the data, the batch size. No framework.

The model, of the kinds of Keras, with the names of the space in braces:
`Rescaling(1/255)`, `Conv2D({filters}, {kernel}, relu)`, `MaxPooling2D(2)`, `Flatten`, `Dropout({dropout})`,
`Dense({units}, relu)`, `Dense(10, softmax)`; the optimizer is `{optimizer}` at the constant rate
`{learning_rate}`, `sgd` with momentum 0.9. What is searched for is the validation accuracy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

BATCH_SIZE = 64
MOMENTUM = 0.9
TRAIN_SAMPLES, VALIDATION_SAMPLES = 12_000, 10_000
SPLIT_SEED = 0


@dataclass(frozen=True)
class Integers:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int
    step: int


@dataclass(frozen=True)
class Reals:
    """Numbers from `low` to `high`, at this step or at any; `log`: each order of magnitude as likely."""

    low: float
    high: float
    step: float | None = None
    log: bool = False


@dataclass(frozen=True)
class Choices:
    """One of these."""

    values: tuple[int, ...] | tuple[str, ...]


Dimension = Integers | Reals | Choices

SPACE: dict[str, Dimension] = {
    "filters": Integers(16, 64, 16),
    "kernel": Choices((3, 5)),
    "units": Integers(32, 256, 32),
    "dropout": Reals(0.0, 0.5, step=0.1),
    "learning_rate": Reals(1e-4, 1e-2, log=True),
    "optimizer": Choices(("adam", "rmsprop", "sgd")),
}


@dataclass(frozen=True)
class Part:
    """Images (samples, 28, 28, 1) from 0 to 255, and their digits (samples,)."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[Any]


def parts(mnist: Path) -> tuple[Part, Part]:
    """Returns the part to train on and the part to validate with.

    Both are of MNIST's 60,000 training images; the test images are left alone. In the order of
    `numpy.random.default_rng(0).permutation(60_000)`, the first 12,000 train and the next 10,000 validate,
    whatever the seed of the search.

    Args:
        mnist: the file `mnist.npz` of `keras.datasets.mnist`.
    """
    with np.load(mnist) as file:
        images, labels = file["x_train"][..., np.newaxis], file["y_train"]
    order = np.random.default_rng(SPLIT_SEED).permutation(len(images))
    train, validation, _ = np.split(order, [TRAIN_SAMPLES, TRAIN_SAMPLES + VALIDATION_SAMPLES])
    return Part(images[train], labels[train]), Part(images[validation], labels[validation])
