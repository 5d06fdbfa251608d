"""What an entry of a Keras model becomes: steps, each one of our layers; and how rules make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dlcore.design.keras_import.links import Call, Table
from dlcore.design.keras_import.objects import KerasObject, quote_name
from dlcore.errors import N_, SpecError

BEFORE = None
"""Stands for the result of the entry before, among those that replace one."""

LARGEST = 1e30
"""No fixed number in a model is larger, so that its inverse is still one in float32."""


@dataclass(frozen=True)
class Step:
    """One of the layers that replace an entry.

    Attributes:
        found: as if Keras had written it.
        sources: the tensors that it takes, as the call of the entry names them, or the result of the step before.
        table: its weights, where the config itself holds them.
    """

    found: KerasObject
    sources: tuple[str | None, ...]
    table: Table | None = None


PLACING = frozenset({"name", "dtype", "trainable"})

Rule = Callable[[KerasObject, Call], list[Step]]


def has_more(entry: KerasObject, known: frozenset[str]) -> bool:
    """Returns whether an entry is given anything that the rules do not read."""
    return any(value is not None and key not in known for key, value in entry.config.items())


def unlike_error(entry: KerasObject) -> SpecError:
    """Returns the error for an operation that nothing here computes."""
    return SpecError(
        N_("the operation {kind}, as it is called here, has no counterpart among the layers."),
        hint=N_("Replace it by Keras' own layers, and save the model again."),
        where=quote_name(entry.name),
        kind=entry.class_name,
    )


def layer_step(entry: KerasObject, kind: str, sources: tuple[str | None, ...], **config: Any) -> list[Step]:
    """Returns one layer in the place of an entry; it keeps the entry's name and number format."""
    kept = {key: value for key, value in entry.config.items() if key in PLACING}
    found = KerasObject(kind, {**kept, **config}, entry.name, build_shape=entry.build_shape)
    return [Step(found, sources)]


def is_number(value: Any) -> bool:
    """Returns whether a value is a number that a model computes with."""
    return type(value) in (int, float) and abs(value) <= LARGEST


def one_operand(entry: KerasObject, call: Call) -> tuple[str]:
    """Returns the one operand, a tensor.

    Raises:
        SpecError: there are others.
    """
    if len(call.operands) != 1 or not isinstance(call.operands[0], str):
        raise unlike_error(entry)
    return (call.operands[0],)


def two_operands(entry: KerasObject, call: Call) -> tuple[str | float, str | float]:
    """Returns both operands: names of tensors, or numbers.

    Raises:
        SpecError: there are more, or others.
    """
    operands = [one for one in call.operands if not isinstance(one, Table)]
    if not len(call.operands) == len(operands) == 2 or not all(
        isinstance(o, str) or is_number(o) for o in operands
    ):
        raise unlike_error(entry)
    return operands[0], operands[1]
