"""Writing of a dataset to disk: invisible until it is complete."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from dlcore.access.actors import EVERYBODY
from dlcore.access.content import Content, ContentKind, check_names, check_upload, upload_filter
from dlcore.datasets.blocks import seal
from dlcore.datasets.builtin.catalogue import CATALOGUE
from dlcore.datasets.ingest.examples import EXAMPLE_SETS
from dlcore.datasets.ingest.proposal import checked_name
from dlcore.datasets.stored import (
    ARRAY,
    BLOBS,
    FORMAT,
    MANIFEST,
    NAME,
    PART_PREFIX,
    SAMPLES,
    TARGETS,
    VERSION,
    RefusedItem,
    StoredDataset,
    check_content,
    discard,
    discard_if_empty,
    lock_stored,
    open_stored,
    open_version,
    versions,
)
from dlcore.durable import check_plain, is_full, put_in_place, write_json
from dlcore.errors import N_, DatasetError, Message
from dlcore.locks import try_lock, unlock
from dlcore.settings import Mode, Settings
from dlcore.spec.data import DatasetFacts

_Result = TypeVar("_Result")

MOST_REFUSED = 1_000
_LOCK = ".lock"
_NOT_CONTENT = (
    "name", "title", "description", "licence", "source", "citation", "files", "version", "owner", "forecast_start",
)  # fmt: skip


class Draft:
    """Takes samples one by one; `writing` makes it, `finish` turns it into a stored dataset.

    Each method raises a `DatasetError` where the disk is full or refuses.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self._settings, self._closing = folder, settings, ExitStack()
        self._hashes: dict[str, Any] = {}
        self._blobs: IO[bytes] | None = None
        self._written = 0
        self._rows: pq.ParquetWriter | None = None
        self._filter = upload_filter(settings)
        self.refused: list[RefusedItem] = []
        self.refused_count = 0
        self.samples = 0

    def refuse(self, name: str, reason: Message) -> None:
        """Notes a file or row that is rejected; the first 1,000 by name."""
        self.refused_count += 1
        if len(self.refused) < MOST_REFUSED:
            self.refused.append(RefusedItem(name, reason))

    def blob(self, data: bytes) -> tuple[int, int]:
        """Keeps the bytes of one file.

        Returns:
            Where they begin, and how many they are.
        """
        self._screen(ContentKind.FILE, [data])
        if self._blobs is None:
            self._blobs = self._file(BLOBS)
        self._store(partial(self._blobs.write, data))
        self._hash(BLOBS).update(data)
        start, self._written = self._written, self._written + len(data)
        return start, len(data)

    def rows(self, batch: pa.RecordBatch) -> None:
        """Adds samples; all batches have the columns of the first."""
        if self._rows is None:
            self._rows = self._store(partial(pq.ParquetWriter, self._file(SAMPLES), batch.schema))
            self._closing.callback(self._rows.close)
        self._store(partial(self._rows.write_batch, batch))
        self.samples += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            # A hash a column: how rows were divided into batches does not matter.
            hashed = self._hash(f"{SAMPLES}/{name}")
            if pa.types.is_string(column.type):
                self._screen(ContentKind.TEXT, column.unique().to_pylist() if self._filter else ())
                hashed.update(orjson.dumps(column.to_pylist())[1:-1] + b",")
            else:
                hashed.update(np.ascontiguousarray(column.to_numpy(zero_copy_only=False)).tobytes())

    def array(self, shape: tuple[int, ...], dtype: Any, blocks: Iterator[npt.NDArray[Any]]) -> None:
        """Writes the numbers of a dataset of arrays, block after block."""
        self._save(ARRAY, shape, dtype, blocks)

    def targets(self, values: npt.NDArray[Any]) -> None:
        """Writes what is to be predicted."""
        self.target_blocks(values.shape, values.dtype, iter((values,)))

    def target_blocks(self, shape: tuple[int, ...], dtype: Any, blocks: Iterator[npt.NDArray[Any]]) -> None:
        """Writes what is to be predicted, block after block."""
        self._save(TARGETS, shape, np.dtype(dtype), blocks)

    def finish(self, facts: DatasetFacts, statistics: Mapping[str, Any], origin: str) -> StoredDataset:
        """Makes the dataset visible; one of the same content is left as it is, unless it is damaged.

        Raises:
            DatasetError: nothing was accepted, or the name now belongs to someone else.
        """
        if not self.samples:
            raise _nothing_left(self.refused, self.refused_count)
        if self._filter is not None:
            check_names(self._settings, facts.texts)
        self._store(self._closing.close)
        facts = dataclasses.replace(facts, version=self._version(facts))
        manifest = {
            "format": FORMAT,
            "facts": facts.to_dict(),
            "created_at": time.time(),
            "origin": origin,
            "refused": [{"name": row.name, "reason": row.reason.to_dict()} for row in self.refused],
            "refused_count": self.refused_count,
            "statistics": statistics,
        }
        self._store(partial(write_json, self.folder / MANIFEST, manifest))
        self._store(partial(seal, self.folder))
        return publish(self.folder, facts, self._settings)

    def abandon(self) -> None:
        """Closes its files, whatever they still hold."""
        with suppress(OSError, pa.ArrowException):
            self._closing.close()

    def _screen(self, kind: ContentKind, found: Iterable[Any]) -> None:
        """Refuses all of the data where the filter of the place refuses some of it."""
        if self._filter is not None:
            for one in found:
                if one:
                    check_upload(
                        self._filter,
                        Content(kind, data=one) if kind is ContentKind.FILE else Content(kind, one),
                    )

    def _store(self, write: Callable[[], _Result]) -> _Result:
        """Calls `write` and translates its errors; `write` must do nothing else."""
        return on_disk(write, self._settings)

    def _version(self, facts: DatasetFacts) -> str:
        content = {key: value for key, value in facts.to_dict().items() if key not in _NOT_CONTENT}
        whole = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
        for name in sorted(self._hashes):
            whole.update(f"{name}:{self._hashes[name].hexdigest()}".encode())
        return whole.hexdigest()[:12]

    def _save(
        self, name: str, shape: tuple[int, ...], dtype: Any, blocks: Iterator[npt.NDArray[Any]]
    ) -> None:
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        file = self._file(name)
        self._store(partial(np.lib.format.write_array_header_1_0, file, header))
        for block in blocks:
            data = np.ascontiguousarray(block, dtype).tobytes()
            self._store(partial(file.write, data))
            self._hash(name).update(data)

    def _file(self, name: str) -> IO[bytes]:
        path = self.folder / name
        return self._closing.enter_context(self._store(lambda: path.open("wb")))

    def _hash(self, name: str) -> Any:
        return self._hashes.setdefault(name, hashlib.sha256())


def adopt_dataset(name: str, version: str, private: Settings, settings: Settings, *, owner: str) -> None:
    """Brings a dataset that a confined process has stored in a home of its own into the real one.

    Args:
        name: of the dataset, as that process says it.
        version: of the dataset, likewise.
        private: settings of that process.
        settings: whose home gets it.
        owner: whose it must be.

    Raises:
        DatasetError: it is not what the process says, the name is somebody else's, or the disk is full.
    """
    folder = private.stored_dir / name / version
    if not NAME.fullmatch(name) or not VERSION.fullmatch(version):
        raise _not_adopted()
    check_plain(folder)
    facts = open_version(folder).facts
    if (facts.name, facts.version, facts.owner) != (name, version, owner):
        raise _not_adopted()
    publish(folder, facts, settings)


def _not_adopted() -> DatasetError:
    return DatasetError(
        N_("what was stored is not what was asked for."), hint=N_("Try again with another file.")
    )


def publish(folder: Path, facts: DatasetFacts, settings: Settings) -> StoredDataset:
    """Puts a written dataset where it is found."""
    with lock_stored(settings):
        check_name(facts.name, settings, facts.owner)
        home = settings.stored_dir / facts.name
        on_disk(partial(home.mkdir, exist_ok=True), settings)
        if (home / facts.version).exists() and not _is_sound(home / facts.version):
            discard(home / facts.version, settings)
        if not (home / facts.version).exists():
            on_disk(partial(put_in_place, folder, home / facts.version), settings)
    return open_version(home / facts.version)


@contextmanager
def writing(settings: Settings) -> Iterator[Draft]:
    """Yields a draft in a folder of its own, which is deleted afterwards unless it was finished.

    Raises:
        DatasetError: the disk is full, or the home folder cannot be written to.
    """
    on_disk(partial(sweep, settings), settings)
    folder, lock = on_disk(partial(_held_folder, settings), settings)
    draft = Draft(folder, settings)
    try:
        yield draft
    finally:
        draft.abandon()
        shutil.rmtree(folder, ignore_errors=True)
        unlock(lock)
        _lock_of(folder).unlink(missing_ok=True)
        discard_if_empty(settings.stored_dir)


def check_name(name: str, settings: Settings, owner: str) -> None:
    """Checks that a name is free, or already the owner's; the names of examples are everybody's in a demo or a team.

    Raises:
        DatasetError: the name is a built-in dataset's or someone else's, or cannot be one.
    """
    taken = checked_name(name) in CATALOGUE.names()
    taken |= settings.mode is not Mode.LOCAL and name in EXAMPLE_SETS and owner != EVERYBODY
    if not taken and versions(name, settings):
        taken = open_stored(name, settings).facts.owner != owner
    if taken:
        raise DatasetError(
            N_("a dataset called '{name}' already exists."),
            hint=N_("Choose another name."),
            name=name,
        )


def _is_sound(folder: Path) -> bool:
    try:
        check_content(open_version(folder), whole=True)
    except DatasetError:
        return False
    return True


def sweep(settings: Settings) -> None:
    """Deletes what killed processes left behind."""
    if not settings.stored_dir.is_dir():
        return
    with lock_stored(settings):
        names = {path.name.removesuffix(_LOCK) for path in settings.stored_dir.glob(f"{PART_PREFIX}*")}
        for folder in map(settings.stored_dir.joinpath, names):
            with suppress(OSError):  # not ours to delete
                # Held by whoever writes it, as long as that process lives.
                if (lock := try_lock(_lock_of(folder))) is not None:
                    shutil.rmtree(folder, ignore_errors=True)
                    unlock(lock)
                    _lock_of(folder).unlink(missing_ok=True)


def _held_folder(settings: Settings) -> tuple[Path, int]:
    """Returns a new folder with a lock on it, which a sweep respects."""
    with lock_stored(settings):
        folder = settings.stored_dir / f"{PART_PREFIX}{uuid4().hex}"
        folder.mkdir()
        lock = try_lock(_lock_of(folder))
    assert lock is not None, "a name that nobody else knows"
    return folder, lock


def _lock_of(folder: Path) -> Path:
    """Returns its lock, beside the folder: one with an open file in it cannot be renamed everywhere."""
    return folder.with_name(f"{folder.name}{_LOCK}")


def _nothing_left(refused: list[RefusedItem], count: int) -> DatasetError:
    if not refused:
        return DatasetError(N_("it is empty."), hint=N_("Choose another file."))
    first = refused[0]
    return DatasetError(
        N_("nothing in it can be used; refused: {count}, the first is {name}: {reason}"),
        hint=N_("Correct the data, or choose another kind."),
        count=count,
        name=first.name,
        reason=first.reason,
    )


def on_disk(write: Callable[[], _Result], settings: Settings) -> _Result:
    """Calls what writes to the home folder, or reads there, and translates its errors; it must do nothing else.

    Raises:
        DatasetError: the disk is full, or the home folder cannot be used.
    """
    try:
        return write()
    except OSError as error:
        raise _unwritable(error, settings) from error


def _unwritable(error: OSError, settings: Settings) -> DatasetError:
    full = is_full(error)
    return DatasetError(
        N_("the disk is full; nothing was stored.") if full else N_("it cannot be stored: {reason}."),
        hint=N_("Free disk space under {folder}.") if full else N_("Check the permissions of that path."),
        where="" if full else str(error.filename or settings.stored_dir),
        reason=error.strerror or str(error),
        folder=str(settings.stored_dir),
    )
