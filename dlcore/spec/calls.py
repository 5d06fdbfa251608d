"""Calls of Keras that a spec stands for: the engine makes them, the exported script writes them down.

What calls a kind stands for is said by its own class; most have just the one of their name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlcore.spec.base import Kind

OUTPUT_DTYPE = "float32"
"""The output layer stays in full precision, for a loss in float16 overflows."""


class Expression(str):
    """Source of a value that only a script knows, such as the length of its data."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The source itself, also within a list."""
        return str(self)


@dataclass(frozen=True)
class Call:
    """`keras.<path>(**arguments)`; an argument may be a call itself.

    Attributes:
        path: below `keras`, such as `optimizers.schedules.CosineDecay`.
        arguments: every argument, defaults spelled out.
        defaults: the arguments that equal Keras' own default, which a script for people leaves out.
    """

    path: str
    arguments: Mapping[str, Any]
    defaults: frozenset[str] = frozenset()


def call_of(kind: Kind, **changed: Any) -> Call:
    """Returns the constructor call of a kind.

    Args:
        kind: a layer, a loss, an optimizer …
        changed: arguments that replace or join the kind's own.

    Example:
        >>> from dlcore.spec.layers import Flatten
        >>> call_of(Flatten(name="flat"))
        Call(path='layers.Flatten', arguments={'name': 'flat', 'trainable': True}, defaults=frozenset({'trainable'}))
    """
    own, shown = kind.arguments(), kind.shown
    defaults = {
        name
        for name, field in type(kind).model_fields.items()
        if name in own and name not in changed and name not in shown and own[name] == field.default
    }
    merged = {**own, **changed}
    order = [name for name in shown if name in merged] + [name for name in merged if name not in shown]
    arguments = {
        name: call_of(merged[name]) if isinstance(merged[name], Kind) else merged[name] for name in order
    }
    return Call(f"{kind.namespace}.{kind.keras_name or kind.kind}", arguments, frozenset(defaults))


def layer_call(layer: Kind, *, output: bool, precision: str) -> Call:
    """Returns the call that makes a layer; open `units` must be resolved before."""
    if output and precision != OUTPUT_DTYPE:
        return call_of(layer, dtype=OUTPUT_DTYPE)
    return call_of(layer)
