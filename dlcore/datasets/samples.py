"""A dataset's samples one by one, whatever it came from: what cleaning and preparation work on."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import soundfile
from PIL import Image, ImageOps

from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepared import ImageData
from dlcore.datasets.stored import StoredDataset
from dlcore.spec.data import ColumnRole, DataKind, DatasetFacts

PART, GROUP = "part", "group"
"""Columns of a frame: which part the dataset itself puts a sample in, and which group it is of."""

TRAIN, VALIDATION, TEST = "train", "validation", "test"


@dataclass(frozen=True)
class Samples:
    """Samples that are not numbers yet.

    Attributes:
        facts: what is known of them.
        frame: one row a sample; the columns of a person's table are `c0`, `c1`, … in the order of
            `facts.columns`.
        targets: (samples,) class numbers, or (samples, k) numbers; None where they follow from the frame.
        rows: for each sample, its row in the dataset as it was stored.
        content: a hash of the dataset's content.
        read: gives the pixels (height, width, channels) uint8, the waveform (samples, channels) float32,
            or the array of a stored row.
        whole: the arrays of a built-in dataset, which need no reading one by one.
    """

    facts: DatasetFacts
    frame: pd.DataFrame
    targets: Array | None
    rows: Indices
    content: str
    read: Callable[[int], Array]
    whole: ImageData | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: Indices | npt.NDArray[np.bool_]) -> Samples:
        """Some of the samples, in that order."""
        return replace(
            self,
            frame=self.frame.iloc[indices].reset_index(drop=True),
            targets=None if self.targets is None else self.targets[indices],
            rows=self.rows[indices],
        )

    def column(self, name: str) -> pd.Series[Any]:
        """A column of the person's table by its own name."""
        index = [column.name for column in self.facts.columns].index(name)
        return self.frame[f"c{index}"]

    def column_of(self, role: ColumnRole) -> pd.Series[Any] | None:
        """The first column of a role, if there is one."""
        found = self.facts.columns_of(role)
        return self.column(found[0].name) if found else None

    def groups(self, column: str = "") -> Array:
        """The group of each sample: of a named column, else the one whose role it is, else their own."""
        found = self.column(column) if column else self.column_of(ColumnRole.GROUP)
        names: Array = np.asarray((self.frame[GROUP] if found is None else found).astype(str))
        return names

    def times(self, column: str = "") -> Array:
        """What the samples are ordered by: a named column, the one whose role it is, else their row."""
        found = self.column(column) if column else self.column_of(ColumnRole.TIME)
        times: Array = self.rows if found is None else np.asarray(found)
        return times


def of_built_in(data: ImageData) -> Samples:
    """The samples of a built-in dataset: its training part, then its test part."""
    count = len(data.x_train)

    def read(row: int) -> Array:
        pixels: Array = data.x_train[row] if row < count else data.x_test[row - count]
        return pixels

    parts = [TRAIN] * count + [TEST] * len(data.x_test)
    return Samples(
        facts=data.facts,
        frame=pd.DataFrame({PART: pd.Categorical(parts, categories=[TRAIN, VALIDATION, TEST])}),
        targets=np.concatenate([data.y_train, data.y_test]),
        rows=np.arange(len(parts)),
        content=data.checksum,
        read=read,
        whole=data,
    )


def of_stored(dataset: StoredDataset) -> Samples:
    """The samples of a person's own dataset."""
    return Samples(
        facts=dataset.facts,
        frame=dataset.frame,
        targets=dataset.targets,
        rows=np.arange(len(dataset.frame)),
        content=dataset.facts.version,
        read=_reader(dataset),
    )


def _reader(dataset: StoredDataset) -> Callable[[int], Array]:
    match dataset.facts.kind:
        case DataKind.IMAGE:
            return lambda row: pixels_of(dataset.blob(row))
        case DataKind.AUDIO:
            return lambda row: waveform_of(dataset.blob(row))
        case DataKind.ARRAY:
            return lambda row: dataset.array[row]
        case _:
            return lambda row: dataset.frame.iloc[row].to_numpy()


def pixels_of(content: bytes) -> Array:
    """The pixels of an image file, turned as its camera says.

    Shape:
        result: uint8 (height, width, 3), or (height, width, 1) of a grey image.
    """
    with Image.open(io.BytesIO(content)) as image:
        upright = ImageOps.exif_transpose(image)
        grey = upright.mode in ("1", "L", "I", "I;16", "F")
        pixels = np.asarray(upright.convert("L" if grey else "RGB"), dtype=np.uint8)
    return pixels[..., None] if grey else pixels


def waveform_of(content: bytes) -> Array:
    """The samples of a sound file, its channels averaged.

    Shape:
        result: float32 (samples, 1), from −1 to 1.
    """
    waveform, _rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    mono: Array = waveform.mean(axis=1, keepdims=True, dtype=np.float32)
    return mono
