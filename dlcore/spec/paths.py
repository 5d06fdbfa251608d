"""Places in a spec by their path: `training.optimizer.learning_rate`, `model.layers[conv2d].filters`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dlcore.errors import N_, SpecError, quote_value, unknown_name


def parts_of(path: str) -> list[str]:
    """Returns the steps of a path, from the root.

    Raises:
        SpecError: it has none.

    Example:
        >>> parts_of("model.layers[2].strides")
        ['model', 'layers', '2', 'strides']
    """
    parts = re.findall(r"[^.\[\]]+", path)
    if not parts:
        raise SpecError(
            N_("this does not name a field."),
            hint=N_("Write, for example, training.epochs."),
            where=quote_value(path)[1:-1],
        )
    return parts


def get_at(data: Any, path: str) -> Any:
    """Returns what is at a path of a spec's JSON object.

    Raises:
        SpecError: there is no such place; lists the closest matches.
    """
    where = quote_value(path)[1:-1]
    for part in parts_of(path):
        data = data[_present(data, part, where)]
    return data


def set_at(data: Any, path: str, value: Any) -> None:
    """Sets what is at a path of a spec's JSON object, in place; a last field may be new.

    Raises:
        SpecError: there is no such place; lists the closest matches.
    """
    where, (*parents, last) = quote_value(path)[1:-1], parts_of(path)
    for part in parents:
        data = data[_present(data, part, where)]
    data[_key(data, last, where)] = value


def _present(data: Any, part: str, where: str) -> str | int:
    key = _key(data, part, where)
    if isinstance(data, dict) and key not in data:
        raise unknown_name(N_("field"), part, map(str, data), where=where)
    return key


def _key(data: Any, part: str, where: str) -> str | int:
    """Returns what `part` of a path stands for in `data`: a field,
    or a place in a list by its number or name.
    """
    if isinstance(data, dict):
        return part
    if not isinstance(data, list):
        raise SpecError(
            N_("what comes before '{part}' has no fields, for it is {got}."),
            hint=N_("Set it as a whole."),
            where=where,
            part=quote_value(part)[1:-1],
            got=quote_value(data),
        )
    names = [item.get("name") if isinstance(item, Mapping) else None for item in data]
    if part in names:
        return names.index(part)
    if not re.fullmatch("[0-9]{1,9}", part) or int(part) >= len(data):
        raise SpecError(
            N_("there is no element {part}; the list has {count}."),
            hint=N_("Elements are counted from 0."),
            where=where,
            part=quote_value(part)[1:-1],
            count=len(data),
        )
    return int(part)
