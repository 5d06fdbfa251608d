"""What a finding is, and what a rule is that finds it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar

from dlcore.diagnosis.observation import Observation, Values
from dlcore.errors import N_, Message


class Sureness(IntEnum):
    """How sure a finding is; each rule states from which number on."""

    POSSIBLE = 1
    LIKELY = 2
    SURE = 3


SURENESS_TITLES = {
    Sureness.POSSIBLE: N_("possible"),
    Sureness.LIKELY: N_("likely"),
    Sureness.SURE: N_("sure"),
}


@dataclass(frozen=True)
class Limits:
    """From which number on something is possible, likely and sure; falling where a small number is the bad one.

    Example:
        >>> Limits(0.4, 0.6, 0.9).sureness(0.7).name, Limits(1e-3, 1e-4, 1e-6).sureness(1e-5).name
        ('LIKELY', 'LIKELY')
        >>> Limits(0.4, 0.6, 0.9).sureness(0.3) is None
        True
    """

    possible: float
    likely: float
    sure: float

    def sureness(self, value: float) -> Sureness | None:
        """Returns how sure a number makes it; None if it says nothing."""
        sign = -1 if self.sure < self.possible else 1
        found = None
        for level, limit in zip(Sureness, (self.possible, self.likely, self.sure), strict=True):
            if sign * value >= sign * limit:
                found = level
        return found


@dataclass(frozen=True, eq=False)
class Lines:
    """Evidence: lines over the epochs.

    Attributes:
        title: what is drawn.
        lines: a name and its points (x, y); a name that a user gave is no message.
        limit: where what is drawn begins to be a problem.
        since: the epoch since which it is one.
        log: whether the y axis is logarithmic.
        is_share: whether the values are shares.
    """

    title: Message
    lines: tuple[tuple[Message | str, Values, Values], ...]
    limit: float | None = None
    since: int | None = None
    log: bool = False
    is_share: bool = False


@dataclass(frozen=True, eq=False)
class Bars:
    """Evidence: a number for each of some things.

    Attributes:
        title: what is drawn.
        names: the things; one that a user named is no message.
        values: their numbers (names,).
        limit: where they begin to be a problem.
        log: whether the axis of the numbers is logarithmic.
        is_share: whether they are shares.
    """

    title: Message
    names: tuple[Message | str, ...]
    values: Values
    limit: float | None = None
    log: bool = False
    is_share: bool = False


Evidence = Lines | Bars


@dataclass(frozen=True, eq=False)
class Symptom:
    """What a rule has seen.

    Attributes:
        sureness: how sure it makes the finding.
        sentences: what was seen, with its numbers.
        numbers: the same for programs, by name.
        evidence: the same to look at.
        epoch: since which epoch, if that is the question.
    """

    sureness: Sureness
    sentences: tuple[Message, ...]
    numbers: Mapping[str, float]
    evidence: tuple[Evidence, ...] = ()
    epoch: int | None = None


class Rule:
    """One thing that can be wrong with a training: a class a finding.

    Attributes:
        kind: its name for programs.
        title: for people, translatable.
        meaning: what it is, in a sentence, translatable.
        basis: by which numbers it is judged, and from where on it is sure, translatable.
        explained_by: kinds that it follows from: where one of them is found, it is not told.
        remedies: the names of what helps, the best first.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    meaning: ClassVar[str]
    basis: ClassVar[str]
    explained_by: ClassVar[frozenset[str]] = frozenset()
    remedies: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def look(self, run: Observation) -> Symptom | None:
        """Returns what shows it in a run; None if nothing does, or it is too early to say."""


RULES: dict[str, Rule] = {}
"""By kind, in the order in which they are told if they are equally sure."""


def register(cls: type[Rule]) -> type[Rule]:
    """Adds a rule to `RULES`; a decorator."""
    RULES[cls.kind] = cls()
    return cls


@dataclass(frozen=True, eq=False)
class Finding:
    """Something that is wrong with a training.

    Attributes:
        rule: what was found.
        symptom: what shows it.
        remedies: the names of the remedies that can be applied to this spec.
    """

    rule: Rule
    symptom: Symptom
    remedies: tuple[str, ...] = field(default=())

    @property
    def kind(self) -> str:
        """Its name for programs."""
        return self.rule.kind

    @property
    def sureness(self) -> Sureness:
        """How sure it is."""
        return self.symptom.sureness

    def to_dict(self, remedies: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        """Returns it JSON-ready, its sentences in English.

        Args:
            remedies: tells what a remedy of a name is.
        """
        known = {name: value for name, value in self.symptom.numbers.items() if math.isfinite(value)}
        return {
            "kind": self.kind,
            "title": self.rule.title,
            "sureness": self.sureness.name.lower(),
            "epoch": self.symptom.epoch,
            "meaning": self.rule.meaning,
            "evidence": [one.text() for one in self.symptom.sentences],
            "numbers": known,
            "remedies": [remedies(name) for name in self.remedies],
        }
