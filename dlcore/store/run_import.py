"""The archive of a run, from elsewhere, put into a store: first unpacked and checked, then added."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from sqlalchemy import insert, select

from dlcore.datasets.decoding import BadFileError
from dlcore.datasets.ingest.members import Member, members
from dlcore.datasets.prepare.saved import read_preparation
from dlcore.durable import put_in_place, remove_folder
from dlcore.errors import N_, DatasetError, StateError, StoreError
from dlcore.records import Run
from dlcore.records.artifacts import MODEL_FILE, PREPARATION_FILE, RUN_FILES
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.ids import new_id
from dlcore.store.logs import add_lines
from dlcore.store.metrics import add_points
from dlcore.store.run_archive import FILES, LOG, POINTS, RECORD, Bundle, damaged, read_bundle
from dlcore.store.run_files import read_evaluation
from dlcore.store.tables import runs

_OWN_MODULES = ("keras", "builtins")
"""Where the classes of a network come from; Keras imports whatever module a model's file names."""


def unpack_archive(path: Path, folder: Path, settings: Settings) -> None:
    """Unpacks the archive of a run, and reads all of it once; nothing in it is run.

    Args:
        path: anyone's file.
        folder: an empty one, which gets what is in it, its files beside the rest.
        settings: how large it may be.

    Raises:
        DatasetError: it is no such archive, damaged, too large, or of a newer program; what to do.
        OSError: the disk is full or refuses.
    """
    wanted = {RECORD, POINTS, LOG, *(f"{FILES}{name}" for name in RUN_FILES)}
    roomy = settings.model_copy(update={"max_file_bytes": settings.max_dataset_bytes})
    sizes: dict[str, int] = {}
    with closing(members(path, roomy)) as found:
        for member in found:
            if member.refused is not None or member.name not in wanted:
                raise _foreign(member)
            name = member.name.removeprefix(FILES)
            sizes[name] = (folder / name).write_bytes(_content(member))
    for name in (RECORD, POINTS, LOG):
        if name not in sizes:
            raise damaged(name)
    promised = read_bundle(folder).record.files
    if promised != {name: sizes[name] for name in sizes if name in RUN_FILES}:
        raise damaged(FILES)
    _check_files(folder)


def add_unpacked(store: Store, folder: Path, *, owner: str) -> Run:
    """Adds an unpacked run to a store, under a new id if another run has its own.

    Args:
        store: gets it.
        folder: as `unpack_archive` left it, in the folder of all runs; it becomes the run's own.
        owner: whose it will be.

    Raises:
        DatasetError: it is damaged.
        StateError: it is there already.
        StoreError: the disk is full or refuses; nothing is left.
    """
    bundle = read_bundle(folder)
    for name in (RECORD, POINTS, LOG):
        (folder / name).unlink()
    return add_bundle(store, bundle, folder, owner=owner)


def add_bundle(store: Store, bundle: Bundle, folder: Path, *, owner: str) -> Run:
    """Adds a run to a store, under a new id if another run has its own.

    Args:
        store: gets it.
        bundle: what is known of it.
        folder: its files, in the folder of all runs; it becomes the run's own.
        owner: whose it will be.

    Raises:
        StateError: it is there already.
        StoreError: the disk is full or refuses; nothing is left.
    """
    _refuse_known(store, bundle)
    # The folder first: a row must have its files, and a folder without a row is removed below.
    run_id = _put(folder, store, bundle.record.run.id)
    try:
        with store.database.write() as connection:
            connection.execute(insert(runs).values(**bundle.row() | {"id": run_id, "owner": owner}))
            add_points(connection, run_id, bundle.record.run.attempt, bundle.metrics())
            add_lines(connection, run_id, bundle.log)
    except StoreError:
        remove_folder(store.artifacts.folder(run_id))
        raise
    return store.runs.get(run_id)


def _content(member: Member) -> bytes:
    try:
        return member.read()
    except BadFileError as error:
        raise damaged(f"{member.name}: {error}") from error


def _foreign(member: Member) -> DatasetError:
    return DatasetError(
        N_("this is not the archive of a run: '{name}' does not belong in one."),
        hint=N_("Choose a file that `python -m dlcore export RUN --format run` wrote."),
        name=member.name[:80],
    )


def _check_files(folder: Path) -> None:
    """Makes sure that what the pages and a prediction read of the folder can be read, and runs nothing."""
    if (folder / PREPARATION_FILE).is_file():
        read_preparation(folder)
    read_evaluation(folder)
    if (folder / MODEL_FILE).is_file() and not all(map(_is_known, _modules(folder / MODEL_FILE))):
        raise DatasetError(
            N_("its model holds code that is not Keras' own."),
            hint=N_("Import only what this program has exported."),
            where=MODEL_FILE,
        )


def _is_known(module: object) -> bool:
    return module is None or (isinstance(module, str) and module.split(".")[0] in _OWN_MODULES)


def _modules(path: Path) -> Iterator[object]:
    """Yields the modules of all classes that a model's file names."""
    try:
        with ZipFile(path) as archive:
            left: list[Any] = [json.loads(archive.read("config.json"))]
    except (OSError, BadZipFile, KeyError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
        raise damaged(path.name) from error
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one.get("module")
            left += one.values()
        elif isinstance(one, list):
            left += one


def _refuse_known(store: Store, bundle: Bundle) -> None:
    """Makes sure that the very run is not there already."""
    own = bundle.record.run
    with store.database.read() as connection:
        same = select(runs.c.spec_hash, runs.c.created_at).where(runs.c.id == own.id)
        found = connection.execute(same).one_or_none()
    if found is not None and tuple(found) == (bundle.spec.hash, own.created_at):
        raise StateError(N_("this run is already here."), hint=N_("Delete it first."), where=own.id)


def _put(folder: Path, store: Store, wanted: str) -> str:
    """Makes a folder that of a run; returns its id, another where a run that is or was here has the wanted one."""
    with store.database.read() as connection:
        is_taken = connection.execute(select(runs.c.id).where(runs.c.id == wanted)).one_or_none()
    target = store.artifacts.folder(wanted)
    if is_taken or target.exists():
        target = store.artifacts.folder(new_id())
    try:
        put_in_place(folder, target)
    except OSError as error:
        raise StoreError(
            N_("the folder cannot be made: {reason}."),
            hint=N_("Free disk space, or check the permissions of that path."),
            where=str(target),
            reason=error.strerror or str(error),
        ) from error
    return target.name
