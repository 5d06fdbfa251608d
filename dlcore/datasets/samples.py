"""A dataset's samples one by one, whatever its source: what cleaning and preparation work on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.builtin.arrays import ImageData
from dlcore.datasets.decoding import Sound, decode_image, decode_sound
from dlcore.datasets.lineage import corrected_rows
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.reading import HIGHEST, how_read
from dlcore.datasets.stored import StoredDataset, frame_columns
from dlcore.spec.data import ColumnRole, DataKind, DatasetFacts

PART, GROUP = "part", "group"
"""Columns of a frame: which part the dataset itself puts a sample in, and which group it is of."""

EXCLUDED, FIRST = "excluded", "first"
"""Columns of a frame of a corrected version: which samples are left out, and which class each had in the first version."""

_ANY_LENGTH = 1e9
"""More seconds than any recording has."""

TRAIN, VALIDATION, TEST = "train", "validation", "test"


@dataclass(frozen=True)
class Samples:
    """Samples that are not numbers yet.

    Attributes:
        facts: what is known of them.
        frame: one row per sample; `places` says where the columns of a user's table stand.
        targets: (samples,) class numbers, or (samples, k) numbers; None where they follow from the frame.
        rows: for each sample, its row in the dataset as it was stored.
        content: a hash of the dataset's content.
        read: gives the pixels (height, width, channels) uint8, the waveform (samples, channels) float32,
            or the array of a stored row.
        whole: the arrays of a built-in dataset, which need no reading one by one.
        reading: how the user's files were read, as `how_read` has it; JSON-ready.
    """

    facts: DatasetFacts
    frame: pd.DataFrame
    targets: Array | None
    rows: Indices
    content: str
    read: Callable[[int], Array]
    whole: ImageData | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def places(self) -> dict[str, str]:
        """For each of the user's columns, the frame's."""
        return frame_columns(self.facts)

    def take(self, indices: Indices | npt.NDArray[np.bool_]) -> Samples:
        """Returns some of the samples, in that order."""
        return replace(
            self,
            frame=self.frame.iloc[indices].reset_index(drop=True),
            targets=None if self.targets is None else self.targets[indices],
            rows=self.rows[indices],
        )

    def column(self, name: str) -> pd.Series[Any]:
        """Returns a column of the user's table by its own name."""
        return self.frame[self.places[name]]

    def column_of(self, role: ColumnRole) -> pd.Series[Any] | None:
        """Returns the first column of a role, if any."""
        found = self.facts.columns_of(role)
        return self.column(found[0].name) if found else None

    @property
    def texts(self) -> pd.Series[str]:
        """The texts of a dataset of texts; one that is missing is empty."""
        return self.frame["text"].fillna("")

    def groups(self, column: str = "") -> Array:
        """Returns the group of each sample: of a named column, else of all those whose role it is,
        else their own.
        """
        names = [column] if column else [one.name for one in self.facts.columns_of(ColumnRole.GROUP)]
        found = [self.column(name) for name in names] or [self.frame[GROUP]]
        first, *others = (one.astype(str) for one in found)
        groups: Array = np.asarray(first.str.cat(others, sep=" · ") if others else first)
        return groups

    @property
    def series(self) -> Array:
        """(samples,) which series each row is of, where several are told apart by groups; else 0."""
        if not self.facts.columns_of(ColumnRole.GROUP):
            return np.zeros(len(self), np.int64)
        codes: Array = pd.factorize(self.groups(), sort=True)[0]
        return codes

    def times(self, column: str = "") -> Array:
        """Returns what the samples are ordered by: a named column, the one whose role it is,
        else their row.
        """
        found = self.column(column) if column else self.column_of(ColumnRole.TIME)
        times: Array = self.rows if found is None else np.asarray(found)
        return times


def built_in_samples(data: ImageData) -> Samples:
    """Returns the samples of a built-in dataset: its training part, then its test part."""
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


def stored_samples(dataset: StoredDataset) -> Samples:
    """Returns the samples of the user's own dataset."""
    return Samples(
        facts=dataset.facts,
        frame=_with_corrections(dataset),
        targets=dataset.targets,
        rows=np.arange(len(dataset.frame)),
        content=dataset.facts.version,
        read=_reader(dataset),
        reading=how_read(dataset.statistics),
    )


def _with_corrections(dataset: StoredDataset) -> pd.DataFrame:
    """Returns the rows, with what was corrected in two more columns, if anything was."""
    corrected, frame = corrected_rows(dataset), dataset.frame
    if not corrected.excluded and not corrected.first:
        return frame
    frame = frame.assign(**{EXCLUDED: corrected.is_excluded(len(frame))})
    if dataset.targets is not None and dataset.facts.task.single_label:
        frame[FIRST] = corrected.first_targets(dataset.targets)
    return frame


def _reader(dataset: StoredDataset) -> Callable[[int], Array]:
    match dataset.facts.kind:
        case DataKind.IMAGE:
            # The limits were held at ingestion; what is stored is read whatever they are now.
            return lambda row: _image(dataset.blob(row), dataset.statistics.get(HIGHEST, {}))
        case DataKind.AUDIO:
            return lambda row: _mono(decode_sound(dataset.blob(row), max_seconds=_ANY_LENGTH))
        case DataKind.ARRAY:
            return lambda row: dataset.array[row]
        case _:
            return lambda row: dataset.frame.iloc[row].to_numpy()


def _image(data: bytes, highest: Mapping[str, int]) -> Array:
    """(height, width, channels) uint8; deep ones scaled by the highest value of their format in the dataset."""
    pixels = decode_image(data, max_pixels=sys.maxsize)
    return pixels.in_bytes(highest.get(pixels.format, 0))


def _mono(sound: Sound) -> Array:
    """(samples, 1) the mean of the channels."""
    mono: Array = sound.samples.mean(axis=1, keepdims=True, dtype=np.float32)
    return mono
