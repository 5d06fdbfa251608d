"""What a check of a dataset's labels suspects, each with what speaks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from dlcore.errors import N_, DlcoreError

FOLDS = 3
"""Trainings of a check of the whole dataset."""

Answer = str | float | list[str] | list[float]
"""A class, a number, several labels, or several numbers; ready for JSON."""


class Evidence(StrEnum):
    """What a suspicion rests on."""

    CHANCES = "chances"
    """The probabilities of the classes or labels."""
    RESIDUALS = "residuals"
    """How far a number is from the answer: there are no labels that could be wrong."""


@dataclass(frozen=True)
class Suspicion:
    """One sample whose label may be wrong.

    Attributes:
        sample: its row in the dataset as it was stored.
        part: `train`, `validation` or `test`.
        given: what the dataset says.
        suggested: what a model answers that has not learned from this sample.
        score: how much more probable the suggestion is than what is given, from −1 to 1; of numbers, how far they are
            apart, in deviations of the residuals.
        likely: it is off the diagonal of the confident joint; of numbers, further than three deviations.
        chances: the probabilities of what is given and suggested, by name.
    """

    sample: int
    part: str
    given: Answer
    suggested: Answer
    score: float
    likely: bool = False
    chances: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Likeness:
    """Two samples of different parts that are nearly the same: what tests has been trained on.

    Attributes:
        sample, other: their rows in the dataset as it was stored.
        part, other_part: the parts they are in.
        likeness: from 0 to 1, which is the same.
        agree: they have the same label; of numbers, the same values.
    """

    sample: int
    part: str
    other: int
    other_part: str
    likeness: float
    agree: bool


@dataclass(frozen=True)
class Outlier:
    """A sample that has few like it.

    Attributes:
        sample: its row in the dataset as it was stored.
        part: the part it is in.
        distance: to its nearest samples, as a multiple of what is usual.
    """

    sample: int
    part: str
    distance: float


@dataclass(frozen=True)
class LabelCheck:
    """What a check has found.

    Attributes:
        evidence: what the suspicions rest on.
        samples: how many were checked.
        folds: of how many trainings the answers are; 0: they are the run's own, for validation and test.
        suspicions: the most suspicious first.
        likely: how many of all samples are likely to have a wrong label.
        joint: the confident joint, where each sample has one class: how many with a given label (rows) are confidently
            of which class (columns).
        duplicates: the most alike first.
        outliers: the furthest first.
        compared: how many samples were compared for likeness; fewer than all of very large datasets.
        agreement: the share of samples whose label is the answer: the lower, the less a suspicion says; 0 of numbers.
    """

    evidence: Evidence
    samples: int
    folds: int
    suspicions: tuple[Suspicion, ...]
    likely: int
    joint: tuple[tuple[int, ...], ...] = ()
    duplicates: tuple[Likeness, ...] = ()
    outliers: tuple[Outlier, ...] = ()
    compared: int = 0
    agreement: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> LabelCheck:
        """Returns what a process has said of a check; it may have said anything.

        Raises:
            DlcoreError: that is none.
        """
        try:
            return cls.from_dict(said)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise DlcoreError(N_("it was not said what the check has found.")) from error

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LabelCheck:
        """Restores what `to_dict` returned."""
        return cls(
            Evidence(data["evidence"]),
            int(data["samples"]),
            int(data["folds"]),
            tuple(Suspicion(**row) for row in data["suspicions"]),
            int(data["likely"]),
            tuple(tuple(row) for row in data["joint"]),
            tuple(Likeness(**row) for row in data["duplicates"]),
            tuple(Outlier(**row) for row in data["outliers"]),
            int(data["compared"]),
            float(data["agreement"]),
        )
