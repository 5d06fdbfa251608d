"""Uploaded models: one folder each, named by content, immutable; the start of a fine-tuning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb, check, missing
from dlcore.durable import read_derived, read_json, remove_folder
from dlcore.errors import N_, NotFoundError, SpecError
from dlcore.models.inspected import model_report
from dlcore.settings import Settings
from dlcore.spec.graph import GraphReport
from dlcore.spec.model import ModelSpec
from dlcore.spec.problems import parse

FILE, CONFIG, MANIFEST = "model.keras", "config.json", "manifest.json"
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{12}")


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
        id: 32 hexadecimal digits that follow from its file and its owner; of older models, 12.
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
        """Its layers.

        Raises:
            NotFoundError: what was kept of them is damaged. The file is not read again for it: that takes a job.
        """
        kept = read_derived(self.folder / CONFIG)
        if kept is None:
            raise _damaged(self.id, CONFIG)
        try:
            return parse(ModelSpec, kept)
        except SpecError as error:
            raise _damaged(self.id, f"{CONFIG}: {error.message.where}") from error

    @property
    def report(self) -> GraphReport:
        """Its shapes and parameters.

        Raises:
            NotFoundError: what was kept of its layers is damaged.
        """
        return model_report(self.model, self.inputs)


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
        raise missing(Kind.MODEL, model_id)
    try:
        manifest = _Manifest.model_validate(read_json(folder / MANIFEST))
    except ValueError as error:
        raise _damaged(model_id, _reason(error)) from error
    return StoredModel(id=model_id, folder=folder, **manifest.model_dump())


def remove(model_id: str, settings: Settings, *, actor: Actor) -> None:
    """Deletes a model with all its files.

    Raises:
        NotFoundError: there is no such id.
        PermissionDeniedError: it is someone else's.
    """
    found = stored_model(model_id, settings)
    check(actor, Verb.DELETE, Kind.MODEL, found.owner, model_id, where=found.name)
    remove_folder(found.folder)


def _damaged(model_id: str, reason: str) -> NotFoundError:
    return NotFoundError(
        N_("the uploaded model '{id}' is damaged: {reason}."),
        hint=N_("Upload it again, or restore a backup."),
        id=model_id,
        reason=reason,
    )


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{MANIFEST}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{MANIFEST}: {error}"
