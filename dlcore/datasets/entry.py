"""What is known of a dataset before any of its files is present."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dlcore.spec.data import DatasetFacts


@dataclass(frozen=True)
class FoundFile:
    """A file that was found; `sha256` is its published checksum, where one is known."""

    path: Path
    sha256: str | None = None


@dataclass(frozen=True)
class Arrays:
    """All samples in memory.

    Shape:
        x_train, x_test: uint8 (samples, height, width, channels).
        y_train, y_test: int64 (samples,).
    """

    x_train: npt.NDArray[np.uint8]
    y_train: npt.NDArray[np.int64]
    x_test: npt.NDArray[np.uint8]
    y_test: npt.NDArray[np.int64]


class Dataset(Protocol):
    """One entry of the catalogue: its facts, and how its files are found and read."""

    @property
    def facts(self) -> DatasetFacts:
        """What is known before any file is there."""

    def find(self, folder: Path) -> tuple[FoundFile, ...]:
        """Returns the files to read, if all are there; empty if not. `folder` is Keras' datasets folder."""

    def read(self, sources: tuple[FoundFile, ...]) -> Arrays:
        """Returns the arrays; raises one of `DAMAGE` when a file is not what it should be."""
