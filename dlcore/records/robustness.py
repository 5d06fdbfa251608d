"""How the samples of a run can be changed to see how its model bears it, one class a disturbance, and what is found.

Pages and commands list the disturbances by this table alone; what computes them is in `dlcore.engine.explain`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from dlcore.errors import N_, Message, SpecError, unknown_name
from dlcore.records.explanation_methods import Explainable, Form
from dlcore.spec.data import DataKind

MOST_STRENGTHS, MOST_SAMPLES = 6, 1_000
"""Strengths that are tried at once, and samples that each is tried on."""


class Unit(StrEnum):
    """What a strength counts."""

    LEVELS = "levels"
    DEVIATIONS = "deviations"
    PIXELS = "pixels"
    DEGREES = "degrees"

    @property
    def axis(self) -> str:
        """The title of an axis of strengths in it, translatable."""
        return _AXES[self]

    @property
    def most(self) -> float:
        """The greatest strength in it."""
        return _MOST[self]


_AXES = {
    Unit.LEVELS: N_("Strength (levels of 255)"),
    Unit.DEVIATIONS: N_("Strength (standard deviations)"),
    Unit.PIXELS: N_("Strength (pixels)"),
    Unit.DEGREES: N_("Strength (degrees)"),
}
_MOST = {Unit.LEVELS: 255.0, Unit.DEVIATIONS: 10.0, Unit.PIXELS: 64.0, Unit.DEGREES: 180.0}


class Disturbance(ABC):
    """One way to change a sample without changing what it is."""

    name: ClassVar[str]
    """What commands and addresses call it."""
    title: ClassVar[str]
    """What people call it, translatable."""
    summary: ClassVar[str]
    """What it does, translatable."""
    is_attack: ClassVar[bool] = False
    """Whether it looks for what misleads this very model."""

    @abstractmethod
    def unit(self, form: Form) -> Unit | None:
        """Returns what its strength counts on samples of such a form; None where it does not suit them."""

    @abstractmethod
    def strengths(self, form: Form) -> tuple[float, ...]:
        """Returns the strengths that are tried if none are named."""


class _OfNumbers(Disturbance):
    """One that moves each number for itself, hence suits all that is made of numbers."""

    def unit(self, form: Form) -> Unit | None:
        """Returns levels for pictures, for all else deviations in the training part."""
        return Unit.LEVELS if form is Form.PICTURE else Unit.DEVIATIONS


class _OfPictures(Disturbance):
    """One that moves or mixes pixels.

    Attributes:
        counts: what its strength counts.
        tried: the strengths that are tried if none are named.
    """

    counts: ClassVar[Unit]
    tried: ClassVar[tuple[float, ...]]

    def unit(self, form: Form) -> Unit | None:
        """Returns its unit, for pictures alone."""
        return self.counts if form is Form.PICTURE else None

    def strengths(self, form: Form) -> tuple[float, ...]:
        """Returns the same for all pictures."""
        return self.tried


class _Attack(_OfNumbers):
    is_attack = True

    def strengths(self, form: Form) -> tuple[float, ...]:
        """Returns strengths that people hardly see at first."""
        return (2.0, 4.0, 8.0, 16.0, 32.0) if form is Form.PICTURE else (0.02, 0.05, 0.1, 0.2, 0.5)


DISTURBANCES: dict[str, Disturbance] = {}
"""All disturbances by name, in the order in which they are offered."""


def _register(cls: type[Disturbance]) -> type[Disturbance]:
    DISTURBANCES[cls.name] = cls()
    return cls


@_register
class FGSM(_Attack):
    """x + ε · sign(∂L/∂x), the fast gradient sign method (Goodfellow, Shlens and Szegedy, 2015)."""

    name = "fgsm"
    title = N_("FGSM")
    summary = N_("Moves every number by the strength in the direction that raises the loss: one step.")


@_register
class PGD(_Attack):
    """Steps of FGSM from a random point, never further than ε from the sample (Madry et al., 2018)."""

    name = "pgd"
    title = N_("PGD")
    summary = N_(
        "Looks in many small steps for the worst sample within the strength: the hardest test of these."
    )


@_register
class Noise(_OfNumbers):
    """Normally distributed noise."""

    name = "noise"
    title = N_("Noise")
    summary = N_("Adds random numbers; the strength is their standard deviation.")

    def strengths(self, form: Form) -> tuple[float, ...]:
        """Returns strengths from what is hardly seen to what hides much."""
        return (8.0, 16.0, 32.0, 64.0, 96.0) if form is Form.PICTURE else (0.1, 0.2, 0.5, 1.0, 2.0)


@_register
class Blur(_OfPictures):
    """A Gaussian blur."""

    name = "blur"
    title = N_("Blur")
    summary = N_("Mixes each pixel with its neighbours; the strength is the standard deviation of the blur.")
    counts, tried = Unit.PIXELS, (0.5, 1.0, 1.5, 2.0, 3.0)


@_register
class Brightness(_OfPictures):
    """A constant that is added."""

    name = "brightness"
    title = N_("Brightness")
    summary = N_("Makes the whole picture brighter, and every other one darker.")
    counts, tried = Unit.LEVELS, (8.0, 16.0, 32.0, 64.0, 96.0)


@_register
class Shift(_OfPictures):
    """A move in one of four directions."""

    name = "shift"
    title = N_("Shift")
    summary = N_("Moves the picture to the right, down, to the left or up, in turn; its edge is continued.")
    counts, tried = Unit.PIXELS, (1.0, 2.0, 3.0, 4.0, 6.0)


@_register
class Rotation(_OfPictures):
    """A turn about the middle."""

    name = "rotation"
    title = N_("Rotation")
    summary = N_("Turns the picture to the left, and every other one to the right; its edge is continued.")
    counts, tried = Unit.DEGREES, (5.0, 10.0, 20.0, 30.0, 45.0)


_NOT_CONTINUOUS = {
    DataKind.TEXT: N_("there is nothing continuous to change: a text is made of words, which are the same or others."),
    DataKind.RATINGS: N_("there is nothing continuous to change: the model knows a user and an item by their numbers alone."),
}  # fmt: skip


def undisturbed(seen: Explainable) -> Message | None:
    """Returns why the samples of a run cannot be changed by a strength; None where some can."""
    if seen.kind in _NOT_CONTINUOUS:
        return Message(
            _NOT_CONTINUOUS[seen.kind],
            N_("Choose a run on pictures, recordings, tables, series or arrays."),
        )
    return seen.refusal()


def disturbances(seen: Explainable) -> Iterator[Disturbance]:
    """Yields what the samples of a run can be disturbed by."""
    if undisturbed(seen) is None and seen.form is not None:
        yield from (one for one in DISTURBANCES.values() if one.unit(seen.form) is not None)


def checked_disturbance(name: str, seen: Explainable) -> Disturbance:
    """Returns the disturbance of that name.

    Raises:
        SpecError: there is none, or it does not suit the run; says which do.
    """
    refusal = undisturbed(seen)
    if refusal is not None:
        raise SpecError(refusal.template, hint=refusal.hint, **refusal.params)
    if name not in DISTURBANCES:
        raise unknown_name(N_("disturbance"), name, DISTURBANCES)
    suiting = {one.name: one for one in disturbances(seen)}
    if name not in suiting:
        raise SpecError(
            N_("such samples cannot be disturbed in this way."),
            hint=N_("Choose one of these: {methods}."),
            where=name,
            methods=", ".join(suiting),
        )
    return suiting[name]


def checked_strengths(given: Sequence[float], disturbance: Disturbance, form: Form) -> tuple[float, ...]:
    """Returns the strengths in order, each once; those of the disturbance if none are given.

    Raises:
        SpecError: there are too many, or one is out of range.
    """
    unit = disturbance.unit(form)
    assert unit is not None, "a disturbance is checked before its strengths"
    found = tuple(sorted(set(map(float, given)))) or disturbance.strengths(form)
    if len(found) > MOST_STRENGTHS:
        raise SpecError(
            N_("too many strengths at once: expected at most {most}, got {count}."),
            hint=N_("Name fewer."),
            where="strengths",
            most=MOST_STRENGTHS,
            count=len(found),
        )
    for one in found:
        if not 0 < one <= unit.most:
            raise SpecError(
                N_("a strength is above 0 and at most {most}, got {value}."),
                hint=N_("Name a strength within this range."),
                where="strengths",
                most=f"{unit.most:g}",
                value=f"{one:g}",
            )
    return found


@dataclass(frozen=True)
class RobustnessPoint:
    """How good a model is at one strength.

    Attributes:
        strength: 0: the samples as they are.
        value: the share of right answers, or the error (RMSE).
        low, high: the interval that holds the true value in 95 of 100 cases.
    """

    strength: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Robustness:
    """How good a model is against the strength of a disturbance.

    Attributes:
        kind: the name of the disturbance.
        part: of the samples.
        unit: of the strengths.
        is_share: whether values are shares of right answers; else errors (RMSE).
        samples, total: how many were disturbed, of how many.
        points: in the order of their strengths, that of 0 first.
    """

    kind: str
    part: str
    unit: Unit
    is_share: bool
    samples: int
    total: int
    points: tuple[RobustnessPoint, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Robustness:
        """Restores what `to_dict` returned."""
        points = tuple(
            RobustnessPoint(**{name: float(value) for name, value in one.items()}) for one in data["points"]
        )
        return cls(**{**data, "unit": Unit(data["unit"]), "points": points})


@dataclass(frozen=True)
class DisturbedAnswer:
    """What a model answers to a sample at one strength.

    Attributes:
        strength: 0: the sample as it is.
        said: the class, the labels, or the number.
        chance: the probability of the class that is answered; None for labels and numbers.
        is_right: whether it is what is true; None for numbers.
    """

    strength: float
    said: str
    chance: float | None
    is_right: bool | None


DISTURBED_FILE = "disturbed.npz"
"""`ORIGINAL` (…) and `CHANGED` (strengths, …): of pictures (height, width, channels) uint8, of spectrograms
(frames, bands), of columns (columns,), of series (steps, columns); and `SCALE` (columns,) what a strength of 1 is."""

ORIGINAL, CHANGED, SCALE = "original", "changed", "scale"


@dataclass(frozen=True)
class DisturbedSample:
    """A sample beside what becomes of it; `DISTURBED_FILE` has both.

    Attributes:
        kind: the name of the disturbance.
        form: what the sample is made of.
        part, sample: which; `sample` is its row in the dataset as it was stored.
        unit: of the strengths.
        truth: the right answer, in words.
        labels: names of the columns, of tables and series.
        answers: in the order of their strengths, that of 0 first.
    """

    kind: str
    form: Form
    part: str
    sample: int
    unit: Unit
    truth: str
    labels: tuple[str, ...]
    answers: tuple[DisturbedAnswer, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> DisturbedSample:
        """Restores what `to_dict` returned."""
        changed = {
            "form": Form(data["form"]),
            "unit": Unit(data["unit"]),
            "labels": tuple(map(str, data["labels"])),
            "answers": tuple(DisturbedAnswer(**one) for one in data["answers"]),
        }
        return cls(**{**data, **changed})
