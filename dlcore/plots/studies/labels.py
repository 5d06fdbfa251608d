"""Short names for the paths of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dlcore.field_path import FieldPath


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Returns the shortest tail of each path that no other path ends in.

    Args:
        paths: of parameters, as in the space of a search.

    Example:
        >>> short_names(["training.optimizer.learning_rate", "model.layers[a].units", "model.layers[b].units"])
        {'training.optimizer.learning_rate': 'learning_rate', \
'model.layers[a].units': 'a.units', 'model.layers[b].units': 'b.units'}
    """
    parts = {path: list(FieldPath.parse(path).keys) or [path] for path in paths}
    endings: dict[tuple[str, ...], int] = {}
    for one in parts.values():
        for length in range(1, len(one) + 1):
            ending = tuple(one[-length:])
            endings[ending] = endings.get(ending, 0) + 1
    return {path: _shortest(one, endings) for path, one in parts.items()}


def _shortest(parts: list[str], endings: dict[tuple[str, ...], int]) -> str:
    for length in range(1, len(parts)):
        tail = parts[-length:]
        # A number alone says nothing: `layers.2`, not `2`.
        if endings[tuple(tail)] == 1 and not tail[0].isdecimal():
            return ".".join(tail)
    return ".".join(parts)


def trial_of(point: Mapping[str, Any]) -> int | None:
    """Returns the number of the trial behind a point that was selected in a figure;
    None for what is no trial.

    Example:
        >>> trial_of({"x": 1.0, "customdata": {"0": 32, "1": 0.5}}), trial_of({"customdata": [7]})
        (32, 7)
    """
    data = point.get("customdata")
    # Browsers make objects of typed arrays: their keys are places, as text.
    first = (
        data.get("0") if isinstance(data, Mapping) else data[0] if isinstance(data, list) and data else data
    )
    return int(first) if isinstance(first, (int, float)) and not isinstance(first, bool) else None
