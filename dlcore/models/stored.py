"""Uploaded models: one folder each, named by content, immutable; the start of a fine-tuning."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, Field, ValidationError

from dlcore.access.permissions import check_owner
from dlcore.datasets.files import sha256_of
from dlcore.design.keras_import import ImportedModel
from dlcore.durable import put_in_place, read_derived, read_json, write_json
from dlcore.errors import N_, DatasetError, NotFoundError
from dlcore.models.checking import check_weights
from dlcore.models.keras_file import no_input, read_model_file
from dlcore.settings import Settings
from dlcore.spec.graph import GraphReport
from dlcore.spec.model import ModelSpec
from dlcore.spec.problems import parse

FILE, CONFIG, MANIFEST = "model.keras", "config.json", "manifest.json"
FORMAT = 1
ABANDONED_SECONDS = 86_400
_ID = re.compile(r"[0-9a-f]{12}")


class _Manifest(BaseModel):
    """What `manifest.json` holds beside its format."""

    format: Literal[1] = Field(exclude=True)
    name: str
    owner: str
    created_at: float
    parameters: int
    inputs: dict[str, tuple[int | None, ...]]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class StoredModel:
    """An uploaded model as its manifest tells.

    Attributes:
        id: the first 12 hexadecimal digits of its file's SHA-256.
        parameters: how many numbers it holds.
        inputs: the shape of each, without the batch axis; None where any size will do.
        outputs: the shape of what it gives, without the batch axis.
        created_at: seconds since 1970.
        folder: where it is.
    """

    id: str
    name: str
    owner: str
    created_at: float
    parameters: int
    inputs: Mapping[str, tuple[int | None, ...]]
    outputs: tuple[int, ...]
    folder: Path

    @property
    def path(self) -> Path:
        """The `.keras` file, as it was uploaded."""
        return self.folder / FILE

    @cached_property
    def model(self) -> ModelSpec:
        """Its layers; read from the file itself where what was kept of them is damaged."""
        kept = read_derived(self.folder / CONFIG)
        return self.imported.model if kept is None else parse(ModelSpec, kept)

    @cached_property
    def imported(self) -> ImportedModel:
        """All that its config tells; `weights.read_weights` takes this and `path`."""
        return read_model_file(self.path)


def add(path: Path, settings: Settings, *, name: str, owner: str) -> StoredModel:
    """Keeps a `.keras` file, read and checked; a file that is here already is not kept twice.

    Args:
        path: the file.
        settings: whose home folder keeps it.
        name: for display.
        owner: whom it belongs to.

    Raises:
        SpecError: it is refused; nothing of it is left.
        DatasetError: it cannot be read, or there is no room for it.
    """
    with _new_folder(settings) as folder:
        _write(lambda: shutil.copyfile(path, folder / FILE))
        # Only the copy is read: the original may change meanwhile.
        imported, report = _checked(folder / FILE)
        model_id = sha256_of(folder / FILE)[:12]
        with suppress(NotFoundError):
            return stored_model(model_id, settings)
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
        # What is there is damaged: the same bytes, sent again, take its place.
        shutil.rmtree(settings.models_dir / model_id, ignore_errors=True)
        _write(lambda: put_in_place(folder, settings.models_dir / model_id))
    return stored_model(model_id, settings)


def stored_models(settings: Settings) -> list[StoredModel]:
    """Returns all models that are kept and not damaged, the newest first."""
    found = []
    for model_id in model_ids(settings):
        with suppress(NotFoundError):
            found.append(stored_model(model_id, settings))
    return sorted(found, key=lambda one: one.created_at, reverse=True)


def model_ids(settings: Settings) -> tuple[str, ...]:
    """Returns the ids of all models that are kept, damaged or not."""
    folders = settings.models_dir.glob("*") if settings.models_dir.is_dir() else ()
    return tuple(sorted(folder.name for folder in folders if _ID.fullmatch(folder.name)))


def stored_model(model_id: str, settings: Settings) -> StoredModel:
    """Returns the model of that id.

    Raises:
        NotFoundError: there is none, or what is there is damaged.
    """
    folder = settings.models_dir / model_id
    if not _ID.fullmatch(model_id) or not folder.is_dir():
        raise NotFoundError(
            N_("there is no uploaded model '{id}'."), hint=N_("Upload it, or choose another."), id=model_id
        )
    try:
        manifest = _Manifest.model_validate(read_json(folder / MANIFEST))
    except ValueError as error:
        raise NotFoundError(
            N_("the uploaded model '{id}' is damaged: {reason}."),
            hint=N_("Upload it again, or restore a backup."),
            id=model_id,
            reason=_reason(error),
        ) from error
    return StoredModel(id=model_id, folder=folder, **manifest.model_dump())


def remove(model_id: str, settings: Settings, *, actor: str) -> None:
    """Deletes a model with all its files.

    Raises:
        NotFoundError: there is no such id.
        PermissionDeniedError: it is someone else's.
    """
    found = stored_model(model_id, settings)
    check_owner(found.owner, actor, where=found.name)
    # Renamed first, so that no one opens a half of it.
    doomed = settings.models_dir / f".removed-{uuid4().hex}"
    found.folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


@contextmanager
def _new_folder(settings: Settings) -> Iterator[Path]:
    """Yields a folder beside the kept models that is gone at the end, unless it was renamed."""
    folder = settings.models_dir / f".adding-{uuid4().hex}"
    _write(settings.make_home)
    _write(lambda: folder.mkdir(parents=True))
    try:
        _sweep(settings.models_dir)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(write: Callable[[], object]) -> None:
    """Calls `write` and translates its errors; `write` must do nothing else."""
    try:
        write()
    except OSError as error:
        raise DatasetError(
            N_("the model cannot be kept: {reason}."),
            hint=N_("Check the path, and make room on the disk."),
            reason=error.strerror or type(error).__name__,
        ) from error


def _sweep(folder: Path) -> None:
    """Removes what a killed process left behind."""
    for left in folder.glob(".*"):
        with suppress(FileNotFoundError):  # another one sweeps it
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _checked(path: Path) -> tuple[ImportedModel, GraphReport]:
    imported = read_model_file(path)
    report = imported.report
    if report is None:
        raise no_input()
    check_weights(path, path.parent)
    return imported, report


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{MANIFEST}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{MANIFEST}: {error}"
