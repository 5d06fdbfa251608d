"""The files of `keras.datasets` that hold texts and tables, converted into ordinary files to import."""

from __future__ import annotations

import json
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from dlcore.datasets.builtin.arrays import DAMAGE
from dlcore.datasets.builtin.downloads import Progress, download_all, is_intact, unwritable_error
from dlcore.datasets.builtin.pickles import load_plain
from dlcore.datasets.ingest.proposal import Choices, DatasetNotes
from dlcore.datasets.samples import TEST, TRAIN
from dlcore.durable import write_file
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, Task
from dlcore.spec.remote import RemoteFile

TEXT, LABEL, PART = "text", "label", "part"
"""What the columns of the files made here are called, beside those that Keras names."""

OUT_OF_VOCABULARY = "[OOV]"
"""What stands for a number without a word, as in the documentation of `keras.datasets.imdb`."""

_SEED, _TEST_SPLIT = 113, 0.2
"""What `load_data` shuffles and divides by unless it is told otherwise."""
_LARGEST_MEMBER = 512 * 2**20
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class StrangeContentError(Exception):
    """A file does not hold what it should; the text says what it holds."""


@dataclass(frozen=True)
class KerasSet(ABC):
    """One dataset of `keras.datasets` that is imported like a file of your own.

    Attributes:
        name: as Keras calls it.
        title: for display, a translatable template.
        files: what is downloaded, the arrays first.
    """

    name: str
    title: str
    about: DatasetNotes
    files: tuple[RemoteFile, ...]

    @property
    @abstractmethod
    def choices(self) -> Choices:
        """All that is known of the file that is made of it."""

    @abstractmethod
    def table(self, paths: Sequence[Path]) -> pa.Table:
        """Returns the samples in the order and the parts of `load_data`.

        Raises:
            StrangeContentError: a file holds something else than it should.
        """


@dataclass(frozen=True)
class Texts(KerasSet):
    """Texts as lists of numbers of words, and a list of the words.

    Attributes:
        task: binary or multiclass.
        classes: the names of the labels 0, 1, …
    """

    task: Task
    classes: tuple[str, ...]

    @property
    def choices(self) -> Choices:
        """A column of texts, one of classes, and the part each is in."""
        types = {TEXT: ColumnType.TEXT, LABEL: ColumnType.CATEGORY, PART: ColumnType.CATEGORY}
        roles = {TEXT: ColumnRole.FEATURE, LABEL: ColumnRole.TARGET, PART: ColumnRole.PART}
        return Choices(self.name, self.title, DataKind.TEXT, self.task, roles, types, about=self.about)

    def table(self, paths: Sequence[Path]) -> pa.Table:
        """Returns the texts in words: the numbers in the file are those of the list,
        with nothing added yet.
        """
        archive, index = paths
        words = {number: word for word, number in json.loads(index.read_text("utf-8")).items()}
        columns: dict[str, list[str]] = {TEXT: [], LABEL: [], PART: []}
        with _opened(archive) as opened:
            for part in _parts(opened):
                # One part after the other: the numbers of all texts take hundreds of megabytes.
                numbers, labels = _member(opened, f"x{part}"), _member(opened, f"y{part}")
                if not all(isinstance(text, list) for text in numbers):
                    raise StrangeContentError("a text is no list of numbers")
                order = _shuffled(numbers, labels)
                columns[TEXT] += [
                    " ".join(words.get(int(number), OUT_OF_VOCABULARY) for number in numbers[i])
                    for i in order
                ]
                columns[LABEL] += [self._class(labels[i]) for i in order]
                columns[PART] += _part_names(part, len(order))
        return pa.table(columns)

    def _class(self, label: Any) -> str:
        if not 0 <= label < len(self.classes):
            raise StrangeContentError(f"a label is {label}")
        return self.classes[int(label)]


@dataclass(frozen=True)
class Numbers(KerasSet):
    """A table of numbers, the last of which is to be predicted.

    Attributes:
        columns: what the columns hold, in order.
        target: what is to be predicted.
        ranges: what the values of some columns are between.
    """

    columns: tuple[str, ...]
    target: str
    ranges: tuple[tuple[str, float, float], ...] = ()

    @property
    def choices(self) -> Choices:
        """Columns of numbers, one of them the target, and the part each row is in."""
        types = dict.fromkeys((*self.columns, self.target), ColumnType.NUMBER)
        roles = dict.fromkeys(self.columns, ColumnRole.FEATURE) | {self.target: ColumnRole.TARGET}
        return Choices(
            self.name,
            self.title,
            DataKind.TABLE,
            Task.REGRESSION,
            {**roles, PART: ColumnRole.PART},
            {**types, PART: ColumnType.CATEGORY},
            about=self.about,
        )

    def table(self, paths: Sequence[Path]) -> pa.Table:
        """Returns the columns under their names, which the file itself does not hold."""
        with _opened(paths[0]) as opened:
            x, y = _member(opened, "x").astype(np.float64), _member(opened, "y").astype(np.float64)
        if x.ndim != 2 or x.shape[1] != len(self.columns):
            raise StrangeContentError(f"x has the shape {x.shape}")
        order = _shuffled(x, y)
        table = {name: x[order, i] for i, name in enumerate(self.columns)}
        for name, low, high in self.ranges:
            if not ((table[name] >= low) & (table[name] <= high)).all():
                raise StrangeContentError(f"{name} is not from {low:g} to {high:g}")
        return pa.table({**table, self.target: y[order], PART: _part_names("", len(order))})


def source_path(entry: KerasSet, settings: Settings) -> Path:
    """Returns the path of the file that is made from a Keras dataset."""
    return settings.home_dir / "downloads" / f"keras-{entry.name}.parquet"


def keras_source(entry: KerasSet, settings: Settings, progress: Progress | None = None) -> Path:
    """Returns a file to import, made from a Keras dataset, which is downloaded unless it is present.

    Raises:
        DatasetError: it cannot be downloaded, is not what Keras states, or there is no room.
    """
    paths = download_all(entry.files, settings.datasets_dir, progress)
    for file, path in zip(entry.files, paths, strict=True):
        if not is_intact(file, path):
            raise _unusable(path, N_("this is not the file that Keras states: its checksum differs."))
    try:
        table = entry.table(paths)
    except StrangeContentError as error:
        raise _unusable(paths[0], N_("it cannot be read: {reason}."), reason=str(error)) from error
    target = source_path(entry, settings)
    try:
        settings.make_home()
        write_file(target, lambda part: pq.write_table(table, part))
    except OSError as error:
        raise unwritable_error(target, error) from error
    return target


def _unusable(path: Path, template: str, **values: str) -> DatasetError:
    hint = N_("Delete it, then download the dataset again.")
    return DatasetError(template, hint=hint, where=str(path), **values)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise StrangeContentError(str(error)) from error


def _parts(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """Returns the endings of the arrays' names: of two parts, or of one that is still to be divided."""
    return ("_train", "_test") if "x_train.npy" in archive.namelist() else ("",)


def _part_names(ending: str, count: int) -> list[str]:
    if ending:
        return [ending.removeprefix("_")] * count
    first = int(count * (1 - _TEST_SPLIT))
    return [TRAIN] * first + [TEST] * (count - first)


def _shuffled(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Returns the order that `load_data` puts the samples of a part into."""
    if len(x) != len(y):
        raise StrangeContentError(f"there are {len(x)} samples and {len(y)} labels")
    order = np.arange(len(x))
    np.random.RandomState(_SEED).shuffle(order)
    return order


def _member(archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    """Returns an array of an `.npz`; one of lists, which numpy pickles,
    is rebuilt without running anything.
    """
    try:
        info = archive.getinfo(f"{name}.npy")
    except KeyError as error:
        raise StrangeContentError(f"there is no {name}") from error
    if info.file_size > _LARGEST_MEMBER:
        raise StrangeContentError(f"{name} is larger than expected")
    with archive.open(info) as file:
        shape, array = _array(file, name)
    if not isinstance(array, np.ndarray) or array.shape != shape:
        raise StrangeContentError(f"{name} does not hold what it says")
    return array


def _array(file: IO[bytes], name: str) -> tuple[tuple[int, ...], Any]:
    """Returns the shape that is announced, and what follows."""
    try:
        version = np.lib.format.read_magic(file)
        if version not in _HEADERS:
            raise StrangeContentError(f"{name} is of the format {version}")
        shape, _, dtype = _HEADERS[version](file)
        if dtype.hasobject:
            return shape, load_plain(file)
        file.seek(0)
        return shape, np.lib.format.read_array(file, allow_pickle=False)
    except DAMAGE as error:
        raise StrangeContentError(str(error) or type(error).__name__) from error
