"""What is known of a dataset before any of its files is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Task(StrEnum):
    """What a model shall do with the data."""

    MULTICLASS = "multiclass classification"


@dataclass(frozen=True)
class RemoteFile:
    """One file to download.

    Attributes:
        name: where it belongs, relative to Keras' datasets folder, as Keras itself would put it.
        size: in bytes.
        sha256: the published checksum, in hexadecimal.
    """

    name: str
    url: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DatasetFacts:
    """What a program can know of a dataset without opening it.

    Attributes:
        title, description, licence: translatable templates.
        input_shape: (height, width, channels).
        classes: the names, in the order of the labels.
        source: the page that describes the data.
        files: what is downloaded; empty where the data comes with the installation.
    """

    name: str
    title: str
    description: str
    task: Task
    input_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    train_size: int
    test_size: int
    licence: str
    source: str
    citation: str
    files: tuple[RemoteFile, ...] = ()

    @property
    def download_bytes(self) -> int:
        """How much is downloaded at first use; 0 where nothing is."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Source:
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

    def find(self, folder: Path) -> tuple[Source, ...]:
        """The files to read, if all are there; empty if not. `folder` is Keras' datasets folder."""

    def read(self, sources: tuple[Source, ...]) -> Arrays:
        """The arrays; raises one of `DAMAGE` when a file is not what it should be."""
