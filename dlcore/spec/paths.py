"""What is at a path of a spec's JSON object, and the paths of layers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dlcore.errors import N_, SpecError, quote_value, unknown_name
from dlcore.field_path import FieldPath, Item

DATASET = FieldPath.of("dataset")
PREPROCESSING = FieldPath.of("preprocessing")
AUGMENTATION = FieldPath.of("augmentation")
MODEL = FieldPath.of("model")
FINE_TUNING = FieldPath.of("fine_tuning")
TRAINING = FieldPath.of("training")

LAYER_LIST = FieldPath.of("model", "layers")
"""The list of layers; in the paths of a search they stand by their names."""


def layer_of(path: FieldPath) -> Item | None:
    """Returns the layer or group of layers that a path ends in or leads through, if any."""
    step = path.step_in(LAYER_LIST)
    return Item(step) if isinstance(step, str) else step


def is_layer(path: FieldPath) -> bool:
    """Returns whether a path ends in a layer or a group of layers."""
    return len(path) == len(LAYER_LIST) + 1 and layer_of(path) is not None


def path_to(text: str) -> FieldPath:
    """Returns the path to a field as a user wrote it.

    Raises:
        SpecError: it names none.
    """
    path = FieldPath.parse(text)
    if not path:
        raise SpecError(
            N_("this does not name a field."),
            hint=N_("Write, for example, training.epochs."),
            where=quote_value(text)[1:-1],
        )
    return path


def get_at(data: Any, path: FieldPath) -> Any:
    """Returns what is at a path of a spec's JSON object.

    Raises:
        SpecError: there is no such place; lists the closest matches.
    """
    for key in path.keys:
        data = data[_present(data, key, path)]
    return data


def set_at(data: Any, path: FieldPath, value: Any) -> None:
    """Sets what is at a path of a spec's JSON object, in place; a last field may be new.

    Raises:
        SpecError: there is no such place; lists the closest matches.
    """
    *parents, last = path.keys
    for key in parents:
        data = data[_present(data, key, path)]
    data[_key(data, last, path)] = value


def _where(path: FieldPath) -> str:
    return quote_value(str(path))[1:-1]


def _present(data: Any, key: str, path: FieldPath) -> str | int:
    found = _key(data, key, path)
    if isinstance(data, dict) and found not in data:
        raise unknown_name(N_("field"), key, map(str, data), where=_where(path))
    return found


def _key(data: Any, key: str, path: FieldPath) -> str | int:
    """Returns what `key` stands for in `data`: a field, or a place in a list by its number or name."""
    if isinstance(data, dict):
        return key
    if not isinstance(data, list):
        raise SpecError(
            N_("what comes before '{part}' has no fields, for it is {got}."),
            hint=N_("Set it as a whole."),
            where=_where(path),
            part=quote_value(key)[1:-1],
            got=quote_value(data),
        )
    names = [item.get("name") if isinstance(item, Mapping) else None for item in data]
    if key in names:
        return names.index(key)
    if not re.fullmatch("[0-9]{1,9}", key) or int(key) >= len(data):
        raise SpecError(
            N_("there is no element {part}; the list has {count}."),
            hint=N_("Elements are counted from 0."),
            where=_where(path),
            part=quote_value(key)[1:-1],
            count=len(data),
        )
    return int(key)
