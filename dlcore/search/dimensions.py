"""What a field of an experiment can become in a search: a range, a set, a layer that may be absent."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from pydantic import BeforeValidator, SerializeAsAny, field_validator, model_validator

from dlcore.errors import N_, SpecError, quote_value
from dlcore.field_path import FieldPath
from dlcore.spec.base import Kind, Registry, problem
from dlcore.spec.fields import arg

Label = str | int | float | bool | None
"""A value as Optuna's storage can hold it."""


class Dimension(Kind):
    """One thing that differs from trial to trial."""

    namespace: ClassVar[str] = ""


DIMENSIONS = Registry(N_("dimension"), Dimension)


@DIMENSIONS.register
class Range(Dimension):
    """All numbers from `low` to `high`, both included; whole ones where the field is whole."""

    summary: ClassVar[str] = N_("All numbers between two limits.")

    low: float = arg(0.0, N_("The lowest value."))
    high: float = arg(1.0, N_("The highest value."))
    log: bool = arg(False, N_("Samples each order of magnitude equally; suits learning rates."))
    step: float | None = arg(None, N_("The distance between values; empty: any."), gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if self.low > self.high:
            raise _wrong("low", N_("the lowest value {low} is above the highest {high}."), self)
        if self.log and self.low <= 0:
            raise _wrong("low", N_("a logarithmic range needs a lowest value above 0, got {low}."), self)
        if self.log and self.step is not None:
            raise _wrong("step", N_("a logarithmic range cannot have a step."), self)
        return self

    def distribution(self, *, whole: bool) -> BaseDistribution:
        """Returns the range in Optuna's terms.

        Args:
            whole: whether the field takes whole numbers only.
        """
        if whole:
            low, high = math.ceil(self.low), math.floor(self.high)
            step = max(1, round(self.step or 1))
            return IntDistribution(low, low + (high - low) // step * step, log=self.log, step=step)
        if self.step is None:
            return FloatDistribution(self.low, self.high, log=self.log)
        count = math.floor((self.high - self.low) / self.step + 1e-9)
        return FloatDistribution(self.low, round(self.low + count * self.step, 12), step=self.step)


def _wrong(field: str, template: str, given: Range) -> Exception:
    return problem(
        SpecError(
            template, hint=N_("Correct the range."), where=field, low=f"{given.low:g}", high=f"{given.high:g}"
        )
    )


@DIMENSIONS.register
class Choices(Dimension):
    """Each of a set of values: numbers, words, kinds by name or with their arguments."""

    summary: ClassVar[str] = N_("A set of values.")

    choices: tuple[Any, ...] = arg((), N_("The values."), min_length=1, max_length=1_000)

    @field_validator("choices")
    @classmethod
    def _differ(cls, choices: tuple[Any, ...]) -> tuple[Any, ...]:
        labels = [label_of(choice) for choice in choices]
        for index, label in enumerate(labels):
            # 1 and True are equal to Python, but not the same value of a field.
            if any(label == other and type(label) is type(other) for other in labels[:index]):
                raise problem(
                    SpecError(
                        N_("{value} appears twice."),
                        hint=N_("Remove one."),
                        where=f"[{index}]",
                        value=quote_value(choices[index]),
                    )
                )
        return choices

    @property
    def labels(self) -> tuple[Label, ...]:
        """The choices as Optuna's storage can hold them."""
        return tuple(label_of(choice) for choice in self.choices)

    def value_of(self, label: Label) -> Any:
        """Returns the choice behind a label."""
        # 1 and True are equal to Python, but not the same value of a field.
        found = [c for c, known in zip(self.choices, self.labels, strict=True) if known == label]
        return next((c for c in found if type(label_of(c)) is type(label)), found[0])


@DIMENSIONS.register
class Presence(Dimension):
    """Whether a layer is there; its path ends in the layer."""

    summary: ClassVar[str] = N_("With the layer, or without it.")


@DIMENSIONS.register
class Repeat(Dimension):
    """How often a layer, or a group of layers `[first:last]`, stands one after another."""

    summary: ClassVar[str] = N_("How often a layer or a block is repeated.")

    low: int = arg(1, N_("The minimum; 0: it may be absent."), ge=0, le=100)
    high: int = arg(3, N_("The maximum."), ge=1, le=100)

    @model_validator(mode="after")
    def _in_order(self) -> "Repeat":
        if self.low > self.high:
            raise problem(
                SpecError(
                    N_("the lowest value {low} is above the highest {high}."),
                    hint=N_("Correct the range."),
                    where="low",
                    low=self.low,
                    high=self.high,
                )
            )
        return self


def label_of(value: Any) -> Label:
    """Returns a choice as Optuna's storage can hold it, and as users read it.

    Example:
        >>> label_of({"kind": "SGD", "momentum": 0.9})
        'SGD(momentum=0.9)'
        >>> label_of([3, 3])
        '3 × 3'
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("kind"), str):
        rest = ", ".join(f"{name}={label_of(of)}" for name, of in value.items() if name != "kind")
        return f"{value['kind']}({rest})" if rest else value["kind"]
    if isinstance(value, Sequence) and all(isinstance(one, (int, float)) for one in value):
        return " × ".join(f"{one:g}" for one in value)
    return json.dumps(value, sort_keys=True)


def expand_short_form(data: Any) -> Any:
    """Returns a dimension from the short ways to write one: a list is a set, two limits are a range."""
    if isinstance(data, (list, tuple)):
        return {"kind": "Choices", "choices": data}
    if isinstance(data, Mapping) and "kind" not in data:
        return {"kind": "Choices" if "choices" in data else "Range", **data}
    return data


def parse_dimension(data: Any) -> Dimension:
    """Returns a dimension from its instance, its JSON object, or a short form.

    Example:
        >>> parse_dimension([32, 64]).choices
        (32, 64)
        >>> parse_dimension({"low": 1e-4, "high": 0.1, "log": True}).kind
        'Range'
    """
    return DIMENSIONS.parse(expand_short_form(data))


AnyDimension = Annotated[SerializeAsAny[Dimension], BeforeValidator(parse_dimension)]


@dataclass(frozen=True)
class TrialDimension:
    """A dimension as a trial is asked for it."""

    path: FieldPath
    dimension: Dimension
    distribution: BaseDistribution

    @cached_property
    def name(self) -> str:
        """What its parameter is called in the store and in Optuna's: the path as text."""
        return str(self.path)


def distribution_of(dimension: Dimension, *, whole: bool) -> BaseDistribution:
    """Returns a dimension in Optuna's terms.

    Args:
        dimension: which.
        whole: whether the field takes whole numbers only.
    """
    match dimension:
        case Range():
            return dimension.distribution(whole=whole)
        case Choices():
            return CategoricalDistribution(dimension.labels)
        case Presence():
            return CategoricalDistribution((True, False))
        case Repeat():
            return IntDistribution(dimension.low, dimension.high)
        case _:
            raise TypeError(f"{dimension.kind} has no distribution")


def contains(distribution: BaseDistribution, value: Any) -> bool:
    """Returns whether a dimension can have a value.

    Example:
        >>> contains(IntDistribution(8, 24, step=8), 12)
        False
    """
    if isinstance(distribution, CategoricalDistribution):
        return any(value == choice and type(value) is type(choice) for choice in distribution.choices)
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    # First of all: what is infinite or no number has no place on a grid.
    if not distribution.low <= value <= distribution.high:
        return False
    if isinstance(distribution, IntDistribution) and value != int(value):
        return False
    steps = (value - distribution.low) / (distribution.step or 1)
    return distribution.step is None or abs(steps - round(steps)) < 1e-6
