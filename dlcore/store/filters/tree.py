"""A filter as it is understood: tests of fields, joined by and, or, not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dlcore.store.filters.fields import Field


class Operator(StrEnum):
    """How a field is compared."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    CONTAINS = "~"
    CONTAINS_NOT = "!~"

    @property
    def negated(self) -> bool:
        """Whether it is the opposite of `positive`."""
        return self in (Operator.UNEQUAL, Operator.CONTAINS_NOT)

    @property
    def positive(self) -> Operator:
        """The same without its "not"."""
        return {Operator.UNEQUAL: Operator.EQUAL, Operator.CONTAINS_NOT: Operator.CONTAINS}.get(self, self)


Value = str | float | bool | datetime | None
"""What a field is compared with; None: that it has no value."""


@dataclass(frozen=True)
class Comparison:
    """A field compared with a value. Of a field without a value nothing is true but that it has none.

    Attributes:
        until: where the value is a whole day or minute, the moment at which it ends.
    """

    field: Field
    operator: Operator
    value: Value
    until: datetime | None = None


@dataclass(frozen=True)
class Named:
    """Runs whose name contains a text, or whose id begins with it."""

    text: str


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: Condition


@dataclass(frozen=True)
class All:
    """All of several; of none it is true."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of several."""

    parts: tuple[Condition, ...]


Condition = Comparison | Named | Not | All | AnyOf


def fields_of(wanted: Condition) -> set[str]:
    """Returns the names of the fields that a filter asks about."""
    match wanted:
        case All(parts) | AnyOf(parts):
            return set().union(*map(fields_of, parts))
        case Not(part):
            return fields_of(part)
        case Comparison(field):
            return {field.name}
    return set()
