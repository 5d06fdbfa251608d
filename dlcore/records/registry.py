"""Models that people keep under a name: versions, stages, and what was done with each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from dlcore.errors import N_, SpecError

LONGEST_NAME = 100
LONGEST_NOTES = 2_000
_SEPARATOR = "@"
LATEST = "latest"
"""Names the newest version in a reference."""


class ModelStage(StrEnum):
    """How far a version is; of each model one version at most is in production."""

    NONE = "none"
    STAGING = "staging"
    PRODUCTION = "production"
    ARCHIVED = "archived"


class UseKind(StrEnum):
    """What was done with a version."""

    EXPORT = "export"
    TRY = "try"


class TryPlace(StrEnum):
    """Where a version was tried."""

    PAGE = "page"
    BROWSER = "browser"
    COMMAND_LINE = "command line"
    SERVICE = "service"
    PYTHON = "Python"


@dataclass(frozen=True)
class ModelUse:
    """Something that was done with a version.

    Attributes:
        kind: exported or tried.
        detail: the name of the format, or the place.
        count: how often.
        last_at: when for the last time.
    """

    kind: UseKind
    detail: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class ModelVersion:
    """A run's model under a name.

    Attributes:
        model: the name.
        number: counts from 1; no number is used twice.
        run_id: the run whose model it is, which cannot be deleted or resumed meanwhile.
        owner: whose it is.
        stage: how far it is.
        notes: as Markdown.
        created_at: when it was kept.
        uses: what was done with it since.
    """

    model: str
    number: int
    run_id: str
    owner: str
    stage: ModelStage
    notes: str
    created_at: datetime
    uses: tuple[ModelUse, ...] = ()

    @property
    def reference(self) -> str:
        """What names it wherever a run is asked for: `digits@2`."""
        return f"{self.model}{_SEPARATOR}{self.number}"

    def details(self, kind: UseKind) -> tuple[str, ...]:
        """Returns the formats it was exported in, or the places where it was tried."""
        return tuple(use.detail for use in self.uses if use.kind is kind)

    def to_dict(self) -> dict[str, Any]:
        """Returns it JSON-ready."""
        return {
            "model": self.model,
            "version": self.number,
            "reference": self.reference,
            "run_id": self.run_id,
            "stage": self.stage.value,
            "notes": self.notes,
            "created": self.created_at.isoformat(timespec="seconds"),
            "exported": list(self.details(UseKind.EXPORT)),
            "tried": list(self.details(UseKind.TRY)),
        }


@dataclass(frozen=True)
class RegisteredModel:
    """A name with its versions.

    Attributes:
        name: one line of text.
        owner: whose it is.
        versions: the newest first; never empty.
        notes: on all of them, as Markdown.
    """

    name: str
    owner: str
    versions: tuple[ModelVersion, ...]
    notes: str = ""

    def version(self, which: str = LATEST) -> ModelVersion | None:
        """Returns the version of a number, the newest one in a stage, or with `latest` the newest of all."""
        for one in self.versions:
            if which in (LATEST, one.stage.value) or which == str(one.number):
                return one
        return None


def split_reference(text: str) -> tuple[str, str] | None:
    """Returns the name and the version in `name@version`; None where it is no reference, but the id of a run.

    Example:
        >>> split_reference("digits@production"), split_reference("digits@"), split_reference("0123abcdef")
        (('digits', 'production'), ('digits', 'latest'), None)
    """
    name, found, which = text.rpartition(_SEPARATOR)
    return (name, which or LATEST) if found else None


def checked_name(text: str) -> str:
    """Returns the name of a model, its spaces tidied.

    Raises:
        SpecError: it is empty or too long, or holds what stands before a version.
    """
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME or _SEPARATOR in name:
        raise SpecError(
            N_("expected one line of text without {sign}, its length from 1 to {most}, got {got}."),
            hint=N_("Give it another name."),
            where="name",
            sign=_SEPARATOR,
            most=LONGEST_NAME,
            got=repr(text[:LONGEST_NAME]),
        )
    return name
