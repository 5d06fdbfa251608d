"""Arrays prepared once and then opened in a millisecond: `.npy` files that are mapped, not read."""

from __future__ import annotations

import gzip
import hashlib
import pickle
import shutil
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from dlcore.datasets.blocks import is_sound, seal
from dlcore.datasets.entry import Arrays, Dataset, FoundFile
from dlcore.datasets.files import sha256_of
from dlcore.durable import is_full, put_in_place, read_derived, write_json
from dlcore.errors import N_, DatasetError
from dlcore.locks import locked
from dlcore.settings import Settings
from dlcore.spec.data import DatasetFacts

_FORMAT = 1
_PARTS = ("x_train", "y_train", "x_test", "y_test")
# What the readers and the libraries under them raise at a file that is not what it should be; a
# garbled pickle may raise any of the plain ones (see the documentation of `pickle`).
DAMAGE = (
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    zlib.error,
    tarfile.TarError,
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ImportError,
    NotImplementedError,
    OverflowError,
    MemoryError,
)


@dataclass(frozen=True)
class ImageData:
    """A dataset ready for use; the images stay on disk and are read into memory on access.

    Attributes:
        checksum: SHA-256 of the file that was read (of all checksums in a row, if there are several).
        verified: whether that is the published checksum. A repacked copy with the right content is
            as good, but its checksum was never published.
        folder: where the prepared arrays lie; anything derived from them alone may be kept next to them.

    Shape:
        x_train, x_test: uint8 (samples, height, width, channels), read-only.
        y_train, y_test: int64 (samples,), read-only.
    """

    facts: DatasetFacts
    x_train: npt.NDArray[np.uint8]
    y_train: npt.NDArray[np.int64]
    x_test: npt.NDArray[np.uint8]
    y_test: npt.NDArray[np.int64]
    checksum: str
    verified: bool
    folder: Path


def is_prepared(dataset: Dataset, settings: Settings) -> bool:
    """Returns whether there are prepared arrays; of what, `prepare_arrays` checks."""
    return _index(dataset, settings).is_file()


def prepare_arrays(dataset: Dataset, settings: Settings) -> ImageData | None:
    """Returns the dataset's arrays, prepared now if they are not yet; None if its files are not there.

    Arrays that were prepared stay good when the files they came from are deleted; when those are
    replaced (another size or date), or the arrays are damaged, they are prepared again.

    Raises:
        DatasetError: a file is damaged, unreadable, or there is no room.
    """
    sources = dataset.find(settings.datasets_dir)
    index = _index(dataset, settings)
    try:
        known = _known(index, sources)
        if known is None:
            if not sources:
                return None
            settings.make_home()
            with locked(index.with_name(f".{index.name}.lock")):
                known = _known(index, sources)
                if known is None:
                    known = _prepare(dataset, sources, settings.prepared_dir)
                    write_json(index, known)
        return _opened(dataset.facts, settings.prepared_dir / known["folder"], known)
    except OSError as error:
        raise _unusable(error, settings) from error


def _index(dataset: Dataset, settings: Settings) -> Path:
    return settings.prepared_dir / f"{dataset.facts.name}.json"


def _unusable(error: OSError, settings: Settings) -> DatasetError:
    no_room = is_full(error)
    return DatasetError(
        N_("the data cannot be read or prepared: {reason}."),
        hint=N_("Free disk space under {folder}.") if no_room else N_("Check the permissions of that path."),
        where=str(error.filename or settings.prepared_dir),
        reason=error.strerror or str(error),
        folder=str(settings.prepared_dir),
    )


def _fingerprint(sources: tuple[FoundFile, ...]) -> list[list[str | int]]:
    stats = [(source.path, source.path.stat()) for source in sources]
    return [[str(path), stat.st_size, stat.st_mtime_ns] for path, stat in stats]


def _known(index: Path, sources: tuple[FoundFile, ...]) -> dict[str, Any] | None:
    """Returns what the index says of arrays that are sound and, if their sources are still there,
    of those.
    """
    known: dict[str, Any] | None = read_derived(index)
    if known is None or known["format"] != _FORMAT or not is_sound(index.with_name(known["folder"])):
        return None
    return known if not sources or known["sources"] == _fingerprint(sources) else None


def _prepare(dataset: Dataset, sources: tuple[FoundFile, ...], folder: Path) -> dict[str, Any]:
    """Writes the arrays to a folder named after the content; returns what the index says of it."""
    fingerprint = _fingerprint(sources)
    sums = [sha256_of(source.path) for source in sources]
    checksum = sums[0] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest()
    verified = all(source.sha256 == found for source, found in zip(sources, sums, strict=True))
    name = f"{dataset.facts.name}-{checksum[:12]}-{_FORMAT}"
    if not is_sound(folder / name):
        _write(_read(dataset, sources, sums), folder / name)
    return {
        "format": _FORMAT,
        "sources": fingerprint,
        "folder": name,
        "checksum": checksum,
        "verified": verified,
    }


def _read(dataset: Dataset, sources: tuple[FoundFile, ...], sums: list[str]) -> Arrays:
    try:
        arrays = dataset.read(sources)
        _check(arrays, dataset.facts)
    except DAMAGE as error:
        wrong = [
            (source, found) for source, found in zip(sources, sums, strict=True) if source.sha256 != found
        ]
        if not wrong:  # the published file, to the bit: what is wrong with it is ours
            raise
        source, found = wrong[0]
        raise DatasetError(
            N_("the file is damaged or another one: {reason}. Its SHA-256 is {found}, not {published}."),
            hint=N_("Delete it, then download the dataset again."),
            where=str(source.path),
            reason=str(error) or type(error).__name__,
            found=found,
            published=source.sha256 or "-",
        ) from error
    return arrays


def _check(arrays: Arrays, facts: DatasetFacts) -> None:
    for part, size in (("train", facts.train_size), ("test", facts.test_size)):
        images, labels = getattr(arrays, f"x_{part}"), getattr(arrays, f"y_{part}")
        if images.shape != (size, *facts.image_shape) or images.dtype != np.uint8:
            raise ValueError(f"x_{part} has the shape {images.shape} and the type {images.dtype}")
        if labels.shape != (size,) or labels.dtype != np.int64:
            raise ValueError(f"y_{part} has the shape {labels.shape} and the type {labels.dtype}")
        if labels.min() < 0 or labels.max() >= len(facts.classes):
            raise ValueError(f"y_{part} goes from {labels.min()} to {labels.max()}")


def _write(arrays: Arrays, folder: Path) -> None:
    part = folder.with_name(f".{folder.name}.{uuid4().hex}")
    part.mkdir(parents=True)
    try:
        for name in _PARTS:
            np.save(part / f"{name}.npy", getattr(arrays, name))
        seal(part)
        shutil.rmtree(folder, ignore_errors=True)
        put_in_place(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _opened(facts: DatasetFacts, folder: Path, known: dict[str, Any]) -> ImageData:
    def part(name: str) -> npt.NDArray[Any]:
        return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))

    x_train, y_train, x_test, y_test = map(part, _PARTS)
    return ImageData(facts, x_train, y_train, x_test, y_test, known["checksum"], known["verified"], folder)
