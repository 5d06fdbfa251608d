"""Uploaded models are read, checked and kept here."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from dlcore.datasets.files import sha256_of
from dlcore.design.keras_import import ImportedModel
from dlcore.durable import begin_folder, check_plain, put_in_place, write_json
from dlcore.errors import N_, DatasetError, NotFoundError
from dlcore.models.keras_file import no_input, read_model_file
from dlcore.models.stored import CONFIG, FILE, MANIFEST, StoredModel, stored_model
from dlcore.models.weights import check_weights
from dlcore.records import Progress, no_progress
from dlcore.settings import Settings
from dlcore.spec.graph import GraphReport

_T = TypeVar("_T")

FORMAT = 1


def store_model(
    path: Path, settings: Settings, *, name: str, owner: str, progress: Progress = no_progress
) -> StoredModel:
    """Keeps a `.keras` file, read and checked; a file that its owner has here already is not kept twice.

    The file may be a stranger's, so this is called only in a process that has limits.

    Args:
        path: the file.
        settings: whose home folder keeps it.
        name: for display.
        owner: whom it belongs to.
        progress: told how many bytes of the weights are checked.

    Raises:
        SpecError: it is refused; nothing of it is left.
        DatasetError: it cannot be read, or there is no room for it.
    """
    with _new_folder(settings) as folder:
        _write(lambda: shutil.copyfile(path, folder / FILE))
        # Only the copy is read: the original may change meanwhile.
        imported, report = _checked(folder / FILE, progress)
        model_id = _id_of(sha256_of(folder / FILE), owner)
        if (whole := _whole(model_id, settings)) is not None:
            return whole
        manifest = {
            "format": FORMAT,
            "name": name,
            "owner": owner,
            "created_at": time.time(),
            "parameters": report.parameters.total,
            "inputs": {name: one.shape for name, one in imported.inputs.items()},
            "outputs": report.output_shape,
        }
        _write(lambda: write_json(folder / CONFIG, imported.model.model_dump(mode="json")))
        _write(lambda: write_json(folder / MANIFEST, manifest))
        _put(folder, model_id, settings)
    return stored_model(model_id, settings)


def adopt_model(model_id: str, private: Settings, settings: Settings, *, owner: str) -> None:
    """Brings a model that a confined process has kept in a home of its own into the real one.

    Args:
        model_id: as that process says it.
        private: settings of that process.
        settings: whose home gets it.
        owner: whose it must be.

    Raises:
        NotFoundError: there is none of that id, or it is damaged.
        DatasetError: it is not what the process says, or there is no room for it.
    """
    found = stored_model(model_id, private)
    check_plain(found.folder)
    if found.owner != owner or _id_of(sha256_of(found.path), owner) != model_id:
        raise DatasetError(
            N_("what was kept is not what was asked for."), hint=N_("Try again with another file.")
        )
    if _whole(model_id, settings) is None:
        _put(found.folder, model_id, settings)


def _put(folder: Path, model_id: str, settings: Settings) -> None:
    """Puts a model where it is found; what is there is damaged: the same bytes, sent again, take its place."""
    shutil.rmtree(settings.models_dir / model_id, ignore_errors=True)
    _write(lambda: settings.models_dir.mkdir(exist_ok=True))
    _write(lambda: put_in_place(folder, settings.models_dir / model_id))


@contextmanager
def _new_folder(settings: Settings) -> Iterator[Path]:
    """Yields a folder beside the kept models that is gone at the end, unless it was renamed."""
    _write(settings.make_home)
    folder = _write(lambda: begin_folder(settings.models_dir))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(write: Callable[[], _T]) -> _T:
    """Calls `write` and translates its errors; `write` must do nothing else."""
    try:
        return write()
    except OSError as error:
        raise DatasetError(
            N_("the model cannot be kept: {reason}."),
            hint=N_("Check the path, and make room on the disk."),
            reason=error.strerror or type(error).__name__,
        ) from error


def _checked(path: Path, progress: Progress) -> tuple[ImportedModel, GraphReport]:
    imported = read_model_file(path)
    report = imported.report
    if report is None:
        raise no_input()
    check_weights(path, imported, scratch=path.parent, progress=progress)
    return imported, report


def _id_of(digest: str, owner: str) -> str:
    """Returns the id of a model: the same file of two people makes two models, of which neither tells of the other."""
    return hashlib.sha256(f"{owner}\0{digest}".encode()).hexdigest()[:32]


def _whole(model_id: str, settings: Settings) -> StoredModel | None:
    """Returns the model of that id, if it is here and nothing of it is damaged."""
    try:
        found = stored_model(model_id, settings)
        _ = found.model
    except NotFoundError:
        return None
    return found
