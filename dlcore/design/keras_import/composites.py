"""Layers that Keras lacks: found again where this product has written them down as small models of Keras' own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dlcore.design.keras_import.links import Call, calls_of
from dlcore.design.keras_import.objects import KerasObject
from dlcore.spec.layers import (
    GIVEN,
    Composite,
    Part,
    PositionEmbedding,
    RotaryEmbedding,
    Shape,
    SinePositionEncoding,
)
from dlcore.spec.layers.position import ANGLES, TABLE
from dlcore.spec.problems import parse

Configs = Mapping[str, Mapping[str, Any]]
Fields = dict[str, Any]

_OWN = frozenset({"sequence_length", "max_wavelength"})
"""Fields of these layers that the form of a recipe depends on."""

WEIGHTS = "layers/embedding"
"""Where, below such a model, Keras writes the weights of the one part that has any."""


def composite_of(found: KerasObject, entries: Sequence[KerasObject]) -> KerasObject | None:
    """Returns the layer that a nested model stands for; None for any other model.

    Args:
        found: the nested model.
        entries: its layers and operations, the input first.
    """
    shape = _shape(entries)
    if shape is None:
        return None
    configs = {entry.name: entry.config for entry in entries}
    for kind, read in _READERS.items():
        fields = read(configs, shape)
        if fields is None:
            continue
        # The table's initializer and format are compared as those of any layer: by what is read of them.
        plain = parse(kind, {name: value for name, value in fields.items() if name in _OWN})
        if _alike(plain.recipe([shape]), entries):
            return replace(found, class_name=kind.__name__, config={**fields, "name": found.name})
    return None


def _shape(entries: Sequence[KerasObject]) -> Shape | None:
    """Returns the shape of the one input, if it is a sequence of known sizes."""
    if len(entries) < 2 or entries[0].class_name != "InputLayer":
        return None
    sizes = entries[0].config.get("batch_shape")
    if not isinstance(sizes, list) or len(sizes) != 3 or not all(type(size) is int for size in sizes[1:]):
        return None
    return tuple(sizes[1:])


def _positions(configs: Configs, shape: Shape) -> Fields | None:
    table = configs.get(TABLE)
    if table is None:
        return None
    rows = table.get("input_dim")
    return {
        "sequence_length": None if rows == shape[0] else rows,
        "embeddings_initializer": table.get("embeddings_initializer"),
        "trainable": table.get("trainable", True),
        "dtype": table.get("dtype", "float32"),
    }


def _waves(configs: Configs, shape: Shape) -> Fields | None:
    speeds = configs.get(ANGLES, {}).get("scale")
    if not isinstance(speeds, list) or len(speeds) != shape[-1] or not all(type(s) is float for s in speeds):
        return None
    channels, slowest = shape[-1], abs(speeds[-1])
    power = 2 * ((channels - 1) // 2) / channels
    # One wave alone has the same speed whatever the longest is.
    longest = round(slowest ** (-1 / power)) if power and slowest > 0 else 10_000
    return {"max_wavelength": longest} if 1 <= longest <= 1_000_000 else None


_READERS: dict[type[Composite], Callable[[Configs, Shape], Fields | None]] = {
    PositionEmbedding: _positions,
    SinePositionEncoding: _waves,
    RotaryEmbedding: _waves,
}
"""By layer, what its fields are if a nested model stands for it; None where it cannot."""


def _alike(parts: Sequence[Part], entries: Sequence[KerasObject]) -> bool:
    """Returns whether entries are the parts of a recipe, in any order: the same calls, each taking the same."""
    first, *rest = entries
    if len(rest) != len(parts) or any(len(entry.inputs) != 1 for entry in rest):
        return False
    calls = {entry.name: (entry, calls_of(entry)[0]) for entry in rest}
    names = {GIVEN: first.name}
    for part in parts:
        takes = tuple(names[name] for name in part.takes)
        found = (name for name, one in calls.items() if one[1].sources == takes and _is_call(part, *one))
        name = next(found, None)
        if name is None:
            return False
        del calls[name]
        names[part.name] = name
    return True


def _is_call(part: Part, entry: KerasObject, call: Call) -> bool:
    same = entry.class_name == _class_name(part) and entry.is_layer is not part.is_function
    return same and _same_arguments(part, entry, call)


def _class_name(part: Part) -> str:
    name = part.call.path.rpartition(".")[2]
    return "".join(word.capitalize() for word in name.split("_")) if part.is_function else name


def _same_arguments(part: Part, entry: KerasObject, call: Call) -> bool:
    """Returns whether an entry has the arguments of a part, as far as both say them."""
    for name, value in part.call.arguments.items():
        if name in _NUMBERS:
            same = call.operands[1:] == (value if isinstance(value, tuple) else (value,))
        elif name in _LINES:
            same = _near(value, entry.config.get(name))
        elif name in _OF_ANY_LAYER and not part.is_function:
            same = True
        else:
            same = entry.config.get(name) == value
        if not same:
            return False
    return True


_NUMBERS = frozenset({"x2", "indices"})
"""Arguments that Keras writes down beside the tensors."""

_LINES = frozenset({"scale", "offset"})
_OF_ANY_LAYER = frozenset({"dtype", "embeddings_initializer"})
"""Arguments that are read as those of any layer."""


def _near(ours: Sequence[float], theirs: Any) -> bool:
    if not isinstance(theirs, list) or len(theirs) != len(ours):
        return False
    return all(
        type(got) is float and abs(got - one) <= 1e-6 * abs(one)
        for one, got in zip(ours, theirs, strict=True)
    )
