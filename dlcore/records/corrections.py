"""What a person says of single samples: their label is another, they are left out, or all is right with them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from dlcore.records.label_check import Answer
from dlcore.text import number_text

MOST_LISTED = 1_000
"""Samples that a version's lineage names one by one; what is changed beyond is counted."""


class CorrectionKind(StrEnum):
    """What becomes of a sample."""

    RELABEL = "relabel"
    EXCLUDE = "exclude"
    ACCEPT = "accept"
    """Its label is right: nothing changes, and it is no longer listed as suspicious."""


@dataclass(frozen=True)
class Correction:
    """What becomes of one sample of a version of a dataset.

    Attributes:
        sample: its row in the dataset as it was stored.
        kind: what becomes of it.
        given: what the dataset says.
        label: what it should say; None unless it is relabelled.
        part: the part that it has in the run where it was corrected.
    """

    sample: int
    kind: CorrectionKind
    given: Answer | None = None
    label: Answer | None = None
    part: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Correction:
        """Restores what `to_dict` returned."""
        return cls(**{**data, "kind": CorrectionKind(data["kind"])})


@dataclass(frozen=True)
class ChangeSet:
    """The corrections of one version of a dataset that somebody has collected, by sample.

    Attributes:
        dataset: its name.
        version: which; empty of a built-in dataset.
        corrections: at most one of a sample.
    """

    dataset: str
    version: str
    corrections: tuple[Correction, ...] = ()

    @property
    def changes(self) -> tuple[Correction, ...]:
        """Those that change the dataset."""
        return tuple(one for one in self.corrections if one.kind is not CorrectionKind.ACCEPT)

    @property
    def moves(self) -> Counter[tuple[str, str]]:
        """How many samples go from which label to which."""
        relabelled = (one for one in self.corrections if one.kind is CorrectionKind.RELABEL)
        return Counter((answer_text(one.given), answer_text(one.label)) for one in relabelled)

    def count(self, kind: CorrectionKind) -> int:
        """Returns how many there are of a kind."""
        return sum(one.kind is kind for one in self.corrections)

    def of(self, sample: int) -> Correction | None:
        """Returns what becomes of a sample, if that was said."""
        return next((one for one in self.corrections if one.sample == sample), None)

    @property
    def content(self) -> str:
        """A hash of what it changes."""
        rows = [[one.sample, one.kind.value, one.label] for one in self.changes]
        return hashlib.sha256(json.dumps(sorted(rows, key=str)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Lineage:
    """What a version of a dataset was made of, and what was changed.

    Attributes:
        dataset: the name of the one that it was made of.
        version: of that; empty of a built-in dataset.
        owner: who changed it.
        at: when, in seconds since 1970.
        relabelled, excluded: how many samples.
        corrections: the first of them.
    """

    dataset: str
    version: str
    owner: str
    at: float
    relabelled: int = 0
    excluded: int = 0
    corrections: tuple[Correction, ...] = field(default=())

    @classmethod
    def of(
        cls, dataset: str, version: str, changes: Iterable[Correction], *, owner: str, at: float
    ) -> Lineage:
        """Returns the lineage of what some corrections make of a version."""
        found = ChangeSet(dataset, version, tuple(changes))
        counted = cls(
            dataset,
            version,
            owner,
            at,
            found.count(CorrectionKind.RELABEL),
            found.count(CorrectionKind.EXCLUDE),
        )
        return replace(counted, corrections=found.changes[:MOST_LISTED])

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Lineage:
        """Restores what `to_dict` returned."""
        return cls(**{**data, "corrections": tuple(map(Correction.from_dict, data["corrections"]))})


def answer_text(answer: Answer | None) -> str:
    """Returns a label, several or none of them, or numbers, as a text."""
    if answer is None:
        return ""
    if isinstance(answer, list):
        return ", ".join(answer_text(one) for one in answer) or "–"
    return answer if isinstance(answer, str) else number_text(answer)
