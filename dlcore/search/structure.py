"""Layers and blocks that stand in a model once, several times, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlcore.spec.signature import INPUT

Layers = list[dict[str, Any]]


def repeated(layers: Sequence[dict[str, Any]], first: str, last: str, times: int) -> Layers:
    """Returns the layers with those from `first` to `last` standing `times` times one after another.

    What took the last of them takes the last of the last copy; of no copy, what the first one took.
    Within a copy, what came from outside the group by the same way comes from the copy before.

    Args:
        layers: JSON objects of layers, all named.
        first: name of the group's first layer.
        last: name of its last one.
        times: how often, 0 for not at all.
    """
    names = [layer["name"] for layer in layers]
    start, stop = names.index(first), names.index(last) + 1
    group, taken = layers[start:stop], set(names)
    entry = previous = _sources(layers, start)[0]
    copies: Layers = []
    for number in range(1, times + 1):
        renamed = {
            layer["name"]: layer["name"] if number == 1 else _free(layer["name"], number, taken)
            for layer in group
        }
        ways = {entry: previous, **renamed}
        copies += [_placed(layer, renamed[layer["name"]], ways) for layer in group]
        previous = renamed[last]
    rest = [_placed(layer, layer["name"], {last: previous}) for layer in layers[stop:]]
    if rest and not rest[0].get("inputs") and previous != INPUT:
        rest[0] = {**rest[0], "inputs": [previous]}
    return [*layers[:start], *copies, *rest]


def _sources(layers: Sequence[dict[str, Any]], index: int) -> list[str]:
    given = layers[index].get("inputs")
    return list(given) if given else [layers[index - 1]["name"] if index else INPUT]


def _placed(layer: dict[str, Any], name: str, ways: dict[str, str]) -> dict[str, Any]:
    inputs = [ways.get(source, source) for source in layer.get("inputs") or ()]
    return {**layer, "name": name, "inputs": inputs}


def _free(stem: str, number: int, taken: set[str]) -> str:
    while (name := f"{stem}_{number}") in taken:
        number += 1
    taken.add(name)
    return name
