"""How the config of a Functional model links its layers: calls, tensors, shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from dlcore.design.keras_import.objects import KerasObject, keras_2_error, not_keras_error, quote_name
from dlcore.errors import N_, SpecError
from dlcore.spec.augmentation import AUGMENTATIONS
from dlcore.spec.layers import LAYERS, RECURRENTS, Add
from dlcore.spec.model import MAX_LAYERS
from dlcore.spec.signature import OpenShape

ONLY_IN_TRAINING = frozenset(
    {
        "AugMix",  # Keras has it, this product does not
        *(kind.__name__ for kind in AUGMENTATIONS if kind.namespace and kind.only_in_training),
    }
    - set(LAYERS.names())
)
"""Augmentations of Keras that leave their input as it is outside of training, and are no layers here."""

TRAINING_BY_DEFAULT = ONLY_IN_TRAINING | {kind.__name__ for kind in LAYERS if kind.trains_by_default}
"""Layers whose call has `training=True` as its default, so that Keras writes that down."""

SAME = "ConvertToTensor"
"""An operation that changes nothing."""

MASK_OPERATIONS = frozenset({"NotEqual", "Any", "LogicalOr", "LogicalAnd", SAME})
"""What Keras writes down among the layers when it derives a mask."""

_NAMED_INPUTS = ("inputs", "query", "value", "key")
"""Inputs that can be given by name, in the order of the positions they have otherwise."""

_STATES = "initial_state"
"""What a recurrent layer starts with, by name or behind its sequence."""

GET_ITEM = "GetItem"
_TENSOR = "__keras_tensor__"
_MAX_CALL_INPUTS = 1000
_MAX_CALLS = 1000


def shape_of(value: Any, where: str) -> OpenShape:
    """Returns the shape without the batch axis.

    Raises:
        SpecError: it is not one.
    """
    fine = (
        isinstance(value, list)
        and 1 < len(value) <= 8
        and all(size is None or (type(size) is int and 0 < size <= 10**9) for size in value)
    )
    if not fine:
        raise not_keras_error(where)
    return tuple(value[1:])


def tensor_names(value: Any, found: KerasObject) -> list[str]:
    """Returns the tensors in `input_layers` or `output_layers`: one triple, a list or a mapping of them.

    Raises:
        SpecError: it is not one of these.
    """
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list) and value and isinstance(value[0], str):
        value = [value]
    if not isinstance(value, list) or not value or len(value) > MAX_LAYERS:
        raise not_keras_error(quote_name(found.name))
    return [_triple(one, quote_name(found.name), last=_MOST_RESULTS) for one in value]


def _triple(value: Any, where: str, *, last: int = 0) -> str:
    """Returns the tensor in a triple of Keras: a layer, the number of its call, and the place of the result in it."""
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], str):
        raise not_keras_error(where)
    name, number, place = value
    if type(number) is not int or not 0 <= number < _MAX_CALLS:
        raise shared_error(quote_name(name))
    if type(place) is not int or not 0 <= place <= last:
        raise shared_error(quote_name(name))
    return place_of(tensor_of(name, number), place)


_PLACE = "\0\0"
_MOST_RESULTS = 100
"""Of a model within a model; a recurrent layer has three at most."""


def place_of(first: str, place: int) -> str:
    """Returns what a result of a call is known by: its first result, and the place of a further one."""
    return f"{first}{_PLACE}{place}" if place else first


def split_place(tensor: str) -> tuple[str, int]:
    """Returns the first result of the call that gives a tensor, and the place of the tensor among its results."""
    first, _, place = tensor.partition(_PLACE)
    return first, int(place or 0)


def tensor_of(name: str, number: int) -> str:
    """Returns what the result of a layer's call is known by: its name, and the number of a further call."""
    return f"{name}\0{number}" if number else name


def shared_error(where: str) -> SpecError:
    """Returns the error for a layer that shares its weights between calls, or gives several results."""
    return SpecError(
        N_("is called more than once, or gives more than one result; such layers cannot be imported."),
        hint=N_("Build the model with a layer of its own at each place."),
        where=where,
    )


@dataclass(frozen=True)
class Table:
    """Fixed numbers that a model adds to a sequence: for each step, one for each feature."""

    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Call:
    """What a layer is called with: the tensors that it takes, and its mask.

    Attributes:
        result: what the tensor that it gives is known by.
        options: the named arguments that are fields of our layer.
        operands: the same sources, and the fixed numbers between them that an operation may take.
        key: of an operation that takes a part of a tensor, which part: for each axis a number or a slice.
        shape: of the first source, with the batch axis, if the config tells.
    """

    sources: tuple[str, ...]
    mask: str | None = None
    operands: tuple[str | float | Table, ...] = ()
    shape: tuple[int | None, ...] = ()
    result: str = ""
    key: tuple[int | slice, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs(self) -> tuple[str, ...]:
        """All tensors it depends on."""
        return self.sources if self.mask is None else (*self.sources, self.mask)


def calls_of(entry: KerasObject) -> list[Call]:
    """Returns the calls of an entry, in their order; most have one.

    Raises:
        SpecError: it is called in a way that a graph of layers cannot tell.
    """
    if not 0 < len(entry.inputs) <= _MAX_CALLS or "\0" in entry.name:
        raise not_keras_error(quote_name(entry.name))
    return [_call(entry, node, tensor_of(entry.name, number)) for number, node in enumerate(entry.inputs)]


def _call(entry: KerasObject, node: Any, result: str) -> Call:
    where = quote_name(entry.name)
    if not isinstance(node, Mapping):
        raise keras_2_error()
    args, kwargs = node.get("args"), node.get("kwargs")
    if not isinstance(args, list) or not isinstance(kwargs, Mapping):
        raise not_keras_error(where)
    key = _key(args) if entry.class_name == GET_ITEM else ()
    if key:
        args = args[:1]
    given = [one for argument in args for one in (argument if isinstance(argument, list) else [argument])]
    given += [kwargs[key] for key in _NAMED_INPUTS if _is_tensor(kwargs.get(key))]
    given += _states(entry, kwargs)
    if not entry.is_layer or entry.class_name == Add.__name__:
        given = [_fixed(one) for one in given]
    operands = tuple(one if _is_operand(entry, one) else _source(one, where) for one in given)
    sources = tuple(one for one in operands if isinstance(one, str))
    mask = kwargs.get("mask")
    fields = _call_fields(entry)
    for key, value in kwargs.items():
        known = (_is_tensor(value) and key in ("mask", *_NAMED_INPUTS)) or key in _state_names(entry)
        if key not in fields and not known:
            _require_no_effect(entry, key, value)
    options = {key: value for key, value in kwargs.items() if key in fields and value is not None}
    if not sources or len(sources) > _MAX_CALL_INPUTS:
        raise not_keras_error(where)
    shape = next(_shape(one) for one in given if _is_tensor(one))
    hidden = _source(mask, where) if _is_tensor(mask) else None
    return Call(sources, hidden, operands, shape, result, key, options)


def _state_names(entry: KerasObject) -> tuple[str, ...]:
    return (_STATES,) if entry.is_layer and entry.class_name in RECURRENTS.names() else ()


def _states(entry: KerasObject, kwargs: Mapping[str, Any]) -> list[Any]:
    """Returns the tensors that a recurrent layer starts with, where they are given by name."""
    found = [kwargs[name] for name in _state_names(entry) if kwargs.get(name) is not None]
    return [one for value in found for one in (value if isinstance(value, list) else [value])]


def _key(args: list[Any]) -> tuple[int | slice, ...]:
    """Returns which part of a tensor an operation takes; empty where that is not said plainly."""
    keys = args[1] if len(args) == 2 and isinstance(args[1], list) else args[1:]
    found: list[int | slice] = []
    for key in keys:
        sides = (
            key.get("config") if isinstance(key, Mapping) and key.get("class_name") == "__slice__" else None
        )
        if type(key) is int:
            found.append(key)
        elif isinstance(sides, Mapping):
            numbers = [sides.get(name) for name in ("start", "stop", "step")]
            if not all(number is None or type(number) is int for number in numbers):
                return ()
            found.append(slice(*numbers))
        else:
            return ()
    return tuple(found)


def _call_fields(entry: KerasObject) -> tuple[str, ...]:
    known = entry.is_layer and entry.class_name in LAYERS.names()
    return LAYERS.get(entry.class_name).call_fields if known else ()


def _is_operand(entry: KerasObject, value: Any) -> bool:
    return isinstance(value, Table) or (not entry.is_layer and type(value) in (int, float))


def _fixed(value: Any) -> Any:
    """Returns the number or the table in what Keras writes for an array; anything else as it is."""
    array = isinstance(value, Mapping) and value.get("class_name") in ("__numpy__", "__tensor__")
    config = value.get("config") if array else None
    if not isinstance(config, Mapping):
        return value
    found = config.get("value")
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        found = found[0]  # the same for each sample of a batch
    rows = found if isinstance(found, list) and found and all(isinstance(row, list) for row in found) else []
    if not rows:
        return value if isinstance(found, list) else found
    widths = {len(row) for row in rows}
    plain = len(widths) == 1 and all(type(one) is float and isfinite(one) for row in rows for one in row)
    return Table(tuple(map(tuple, rows))) if plain else value


def _shape(tensor: Any) -> tuple[int | None, ...]:
    shape = tensor["config"].get("shape")
    sizes = isinstance(shape, list) and all(size is None or type(size) is int for size in shape)
    return tuple(shape) if sizes else ()


def _require_no_effect(entry: KerasObject, key: Any, value: Any) -> None:
    default = key == "training" and value is True and entry.class_name in TRAINING_BY_DEFAULT
    if value is not None and value is not False and not default:
        raise SpecError(
            N_("is called with {argument}, which is not supported."),
            hint=N_("Call it with its inputs alone, and save the model again."),
            where=quote_name(entry.name),
            argument=quote_name(key),
        )


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("class_name") == _TENSOR


def _source(value: Any, where: str) -> str:
    if not _is_tensor(value):
        raise SpecError(
            N_("is called with a fixed value, which is not supported."),
            hint=N_("Call it with its inputs alone, and save the model again."),
            where=where,
        )
    config = value.get("config")
    history = config.get("keras_history") if isinstance(config, Mapping) else None
    return _triple(history, where, last=_MOST_RESULTS)
