"""The users' own datasets: kept whole, never changed, one folder per version of the content."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from dlcore.datasets.blocks import damaged_files
from dlcore.datasets.files import unreadable
from dlcore.datasets.prepare.cache import forget
from dlcore.durable import is_damage, read_json
from dlcore.errors import N_, DatasetError, Message, quote_value, unknown_name
from dlcore.locks import locked
from dlcore.settings import Settings
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, DatasetFacts

_Content = TypeVar("_Content")

FORMAT = 1
MANIFEST = "manifest.json"
SAMPLES = "samples.parquet"
TARGETS = "targets.npy"
BLOBS = "samples.bin"
ARRAY = "x.npy"
ASSUMED = "assumed"
"""Where the statistics keep what was assumed when the data was read."""

PART_PREFIX = ".part-"
"""How the names of folders begin that are still being written."""

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
VERSION = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class RefusedItem:
    """One file or row that was rejected, and why."""

    name: str
    reason: Message


@dataclass(frozen=True)
class StoredDataset:
    """One version of a stored dataset; opened lazily.

    Attributes:
        folder: where its files are.
        created_at: when it was stored, in seconds since 1970.
        origin: the name of the file or folder it came from.
        refused: what was rejected, at most the first 1,000.
        refused_count: how many were rejected.
        statistics: what was counted and measured on the way, ready for JSON.
    """

    facts: DatasetFacts
    folder: Path
    created_at: float = 0.0
    origin: str = ""
    refused: tuple[RefusedItem, ...] = ()
    refused_count: int = 0
    statistics: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def frame(self) -> Any:
        """A pandas table with one row per sample, in order; see `column` for the user's own columns."""
        return self._rows(None)

    def head(self, count: int) -> Any:
        """Returns the first rows of the frame; the others are not read."""
        return self._rows(count)

    def _rows(self, count: int | None) -> Any:
        # pandas and pyarrow take a while to import, and most who ask for facts never ask for rows.
        from dlcore.datasets.sample_rows import DAMAGE, read_rows

        return _read(partial(read_rows, most=count), self.folder / SAMPLES, DAMAGE)

    @cached_property
    def targets(self) -> npt.NDArray[Any] | None:
        """What is to be predicted; None for series and ratings, whose columns hold it.

        Shape:
            int64 (samples,) class indices, −1 where unknown; or float32 (samples, targets), 0 or 1 for
            labels, NaN for missing numbers.
        """
        if not (self.folder / TARGETS).exists():
            return None
        load: Callable[[Path], npt.NDArray[Any]] = np.load
        return _read(load, self.folder / TARGETS)

    @cached_property
    def parts(self) -> npt.NDArray[np.str_]:
        """(samples,) "train", "validation" or "test", or "" where the dataset does not say."""
        return np.asarray(self.frame["part"].to_numpy(), dtype=np.str_)

    @cached_property
    def groups(self) -> npt.NDArray[np.str_] | None:
        """(samples,) the group of each sample, "" where unknown; None if there are no groups."""
        if not self.facts.has_groups:
            return None
        return np.asarray(self.frame["group"].fillna("").to_numpy(), dtype=np.str_)

    @cached_property
    def times(self) -> npt.NDArray[np.float64] | None:
        """(samples,) seconds since 1970, or another ascending number; None if no column is a time."""
        columns = self.facts.columns_of(ColumnRole.TIME)
        return np.asarray(self.column(columns[0].name), np.float64) if columns else None

    @cached_property
    def array(self) -> npt.NDArray[Any]:
        """(samples, …) the numbers of a dataset of arrays, mapped, not loaded."""
        load: Callable[[Path], npt.NDArray[Any]] = partial(np.load, mmap_mode="r")
        return _read(load, self.folder / ARRAY)

    def column(self, name: str) -> Any:
        """Returns the pandas column that a user's file calls `name`."""
        places = frame_columns(self.facts)
        if name not in places:
            raise unknown_name(N_("column"), name, places)
        return self.frame[places[name]]

    @property
    def assumed(self) -> tuple[Message, ...]:
        """What was assumed when the data was read, and what was doubtful."""
        return tuple(Message.from_dict(note) for note in self.statistics.get(ASSUMED, ()))

    @property
    def text_column(self) -> str:
        """What the user's file calls the column of texts; empty if the texts are files."""
        return text_column(self.facts)

    def blob(self, index: int) -> bytes:
        """Returns the bytes of one image or recording, as they were in the user's file."""
        start = int(self._places[0][index])
        return bytes(self._blobs[start : start + int(self._places[1][index])])

    @cached_property
    def _places(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        return self.frame["offset"].to_numpy(), self.frame["size"].to_numpy()

    @cached_property
    def _blobs(self) -> npt.NDArray[np.uint8]:
        load: Callable[[Path], npt.NDArray[np.uint8]] = partial(np.memmap, mode="r")
        return _read(load, self.folder / BLOBS)


def text_column(facts: DatasetFacts) -> str:
    """Returns the name of the column that holds the texts; empty if the texts are files."""
    if facts.kind is not DataKind.TEXT:
        return ""
    texts = [column.name for column in facts.columns_of(ColumnRole.FEATURE) if column.type is ColumnType.TEXT]
    return texts[0] if texts else ""


def frame_columns(facts: DatasetFacts) -> dict[str, str]:
    """For each of the columns of a user's file, what the frame calls it."""
    places = {column.name: f"c{i}" for i, column in enumerate(facts.columns)}
    if texts := text_column(facts):
        places[texts] = "text"
    if facts.kind is DataKind.RATINGS:
        places |= {
            column.name: role.value if role is not ColumnRole.TARGET else "rating"
            for role in (ColumnRole.USER, ColumnRole.ITEM, ColumnRole.TARGET, ColumnRole.TIME)
            for column in facts.columns_of(role)
        }
    return places


def stored_names(settings: Settings) -> tuple[str, ...]:
    """Returns the names of all stored datasets, sorted."""
    if not settings.stored_dir.is_dir():
        return ()
    folders = [path for path in settings.stored_dir.iterdir() if NAME.fullmatch(path.name)]
    return tuple(sorted(path.name for path in folders if _versions(path)))


def open_stored(name: str, settings: Settings, version: str = "", *, where: str = "") -> StoredDataset:
    """Returns a stored dataset.

    Args:
        name: as `stored_names` has it.
        settings: whose home it is in.
        version: which; by default the newest.
        where: the path of the field that names it, for the error.

    Raises:
        SpecError: there is no such name.
        DatasetError: there is no such version, or its files are damaged.
    """
    folders = _folders(name, settings, version, where)
    if version:
        return open_version(folders[0])
    sound = _sound(folders)
    return max(sound, key=lambda dataset: dataset.created_at) if sound else open_version(folders[0])


def versions(name: str, settings: Settings) -> tuple[str, ...]:
    """Returns the versions of a dataset that are not damaged, the newest first;
    empty if there is no such name.
    """
    found = _versions(settings.stored_dir / name) if NAME.fullmatch(name) else ()
    newest_first = sorted(_sound(found), key=lambda dataset: dataset.created_at, reverse=True)
    return tuple(dataset.facts.version for dataset in newest_first)


def stored_damage(settings: Settings, *, whole: bool = False) -> Iterator[DatasetError]:
    """Returns what is wrong with the versions of all stored datasets.

    Args:
        settings: where they are.
        whole: whether all that they hold is read, or only what is said of them.
    """
    for name in stored_names(settings):
        for folder in _versions(settings.stored_dir / name):
            try:
                dataset = open_version(folder)
                if whole:
                    check_content(dataset, whole=True)
            except DatasetError as error:
                yield error


def version_folders(name: str, settings: Settings) -> tuple[Path, ...]:
    """Returns where the versions of a stored dataset lie."""
    return _versions(settings.stored_dir / name)


def check_content(dataset: StoredDataset, *, whole: bool = False) -> None:
    """Checks that the files are as they were stored: some of their blocks, or all.

    Data stored by an older version has no checksums and passes.

    Raises:
        DatasetError: a file has changed; which one.
    """
    if changed := damaged_files(dataset.folder, whole=whole):
        why = Message(N_("changed since it was stored: {files}"), params={"files": ", ".join(changed)})
        raise damage_error(dataset.folder, why)


def remove(name: str, settings: Settings, version: str = "") -> None:
    """Deletes a dataset, or only one version of it; who may ask is checked by `queue.remove_dataset`.

    Raises:
        SpecError: there is no such name.
        DatasetError: there is no such version, or the system refuses to delete it.
    """
    _folders(name, settings, version)
    with lock_stored(settings):
        for path in _versions(settings.stored_dir / name):
            if version in ("", path.name):
                discard(path, settings)
        discard_if_empty(settings.stored_dir / name)
    discard_if_empty(settings.stored_dir)
    forget(name, settings, version)


def discard(folder: Path, settings: Settings) -> None:
    """Deletes the folder of a version; renames it first,
    so that no one opens half of it and a sweep finds the rest.

    Raises:
        DatasetError: the system refuses, as Windows does while a process has mapped the folder's arrays.
    """
    gone = settings.stored_dir / f"{PART_PREFIX}{folder.name}-{time.time_ns()}"
    try:
        folder.rename(gone)
    except OSError as error:
        raise DatasetError(
            N_("this dataset cannot be deleted: {reason}."),
            hint=N_("Check the permissions of that path, and close whatever uses it."),
            where=str(folder),
            reason=error.strerror or str(error),
        ) from error
    shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def lock_stored(settings: Settings) -> Iterator[None]:
    """Lets one process at a time add or remove names and versions."""
    settings.make_home()
    # Beside the folder: what is in it counts as someone's dataset.
    with locked(settings.stored_dir.with_suffix(".lock"), poll=0.02):
        settings.stored_dir.mkdir(exist_ok=True)
        yield


def discard_if_empty(folder: Path) -> None:
    """Deletes a folder if it is empty."""
    if folder.is_dir() and not any(folder.iterdir()):
        try:
            folder.rmdir()
        except OSError:  # someone has just put something there
            return


def open_version(folder: Path) -> StoredDataset:
    """Returns the version of a dataset that is in `folder`.

    Raises:
        DatasetError: it is damaged, or of another format.
    """
    data = _read(read_json, folder / MANIFEST)
    try:
        if data is None:
            raise ValueError(f"there is no {MANIFEST}")
        if data["format"] != FORMAT:
            raise ValueError(f"format {quote_value(data['format'])}")
        return StoredDataset(
            DatasetFacts.from_dict(data["facts"]),
            folder,
            float(data["created_at"]),
            data["origin"],
            tuple(RefusedItem(row["name"], Message.from_dict(row["reason"])) for row in data["refused"]),
            int(data["refused_count"]),
            data["statistics"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # A manifest of an older version has no checksum: damage may have left any form.
        raise damage_error(folder, str(error) or type(error).__name__) from error


def damage_error(folder: Path, reason: str | Message) -> DatasetError:
    """Returns the error for a stored dataset whose files cannot be used."""
    return DatasetError(
        N_("this stored dataset is damaged: {reason}."),
        hint=N_("Add the same data again or restore a backup, or else remove it."),
        where=f"{folder.parent.name}/{folder.name}",
        reason=reason,
    )


def _read(read: Callable[[Path], _Content], path: Path, *damage: type[Exception]) -> _Content:
    """Calls a library's reader for one file of a stored dataset and translates its errors.

    Args:
        read: does nothing but read.
        path: the file.
        damage: what it raises at a damaged file, beside `ValueError` and `EOFError`.
    """
    broken: tuple[type[Exception], ...] = (ValueError, EOFError, *damage)
    try:
        return read(path)
    except broken as error:
        raise damage_error(path.parent, f"{path.name}: {error}") from error
    except OSError as error:
        if is_damage(error) or isinstance(error, FileNotFoundError):
            raise damage_error(path.parent, f"{path.name}: {error}") from error
        raise unreadable(error, path) from error


def _folders(name: str, settings: Settings, version: str = "", where: str = "") -> tuple[Path, ...]:
    """Returns the folders of a dataset's versions, or of that one."""
    folders = _versions(settings.stored_dir / name) if NAME.fullmatch(name) else ()
    if not folders:
        raise unknown_name(N_("dataset"), name, stored_names(settings), where=where)
    chosen = tuple(path for path in folders if version in ("", path.name))
    if not chosen:
        raise DatasetError(
            N_("{name} has no version {version}; it may have been removed."),
            hint=N_("Available: {versions}."),
            where=where,
            name=name,
            version=quote_value(version)[1:-1],
            versions=", ".join(path.name for path in folders),
        )
    return chosen


def _versions(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if VERSION.fullmatch(path.name)))


def _sound(folders: Iterable[Path]) -> list[StoredDataset]:
    found = []
    for folder in folders:
        with suppress(DatasetError):  # damaged: it is reported where datasets are listed
            found.append(open_version(folder))
    return found
