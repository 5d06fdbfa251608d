"""The value that a run has in a field, and the fields in which runs differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlcore.field_path import Item
from dlcore.records import Draft, Run, Study
from dlcore.store.filters.fields import Field, FieldKind

_RENAMED = {"tags", "notes", "favorite", "archived"}
"""Columns whose values are in the annotation of a run."""

_SILENT = frozenset({"name", "dataset.name", "schema_version"})
"""Fields of a spec that say nothing which no other column says."""


def field_value(run: Run | Study | Draft, field: Field) -> Any:
    """Returns what a run, a study or a draft has in a field; None if it has nothing there.

    Example:
        >>> field_value(run, find_field("accuracy"))  # doctest: +SKIP
        0.97
    """
    if field.parts:
        found = (run.summary.get(part.value, {}).get(str(field.path[0])) for part in field.parts)
        return next((value for value in found if value is not None), None)
    if field.kind is FieldKind.STATE:
        return str(run.state)
    owner = run.annotation if field.source in _RENAMED else run
    value = getattr(owner, field.source, None)
    for step in field.path:
        value = _inner(value, step)
    return value


def _inner(value: Any, step: str | Item) -> Any:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, Mapping) else None
    if not isinstance(value, list):
        return None
    if step.place is not None:
        return value[step.place] if step.place < len(value) else None
    return next((one for one in value if isinstance(one, Mapping) and one.get("name") == step.key), None)


def spec_values(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Returns all values of a spec by the text of their path; layers by their names.

    Example:
        >>> spec_values({"seed": 0, "model": {"layers": [{"name": "conv", "filters": 8}]}})
        {'seed': 0, 'model.layers[conv].filters': 8}
    """
    return {path: value for path, value in _leaves(spec, "") if path not in _SILENT}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not (name == "name" and path.endswith("]")):
                yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for place, inner in enumerate(value):
            name = inner.get("name") if isinstance(inner, Mapping) else None
            yield from _leaves(inner, f"{path}[{name or place}]")
    else:
        yield path, value


def differing_fields(runs: Sequence[Run | Study | Draft]) -> list[str]:
    """Returns the paths of the spec in which experiments differ: first those that all of them have, then the shorter ones."""
    found = [spec_values(run.spec) for run in runs]
    counts: dict[str, int] = {}
    values: dict[str, set[str]] = {}
    for one in found:
        for path, value in one.items():
            counts[path] = counts.get(path, 0) + 1
            values.setdefault(path, set()).add(repr(value))
    differ = [path for path in counts if len(values[path]) > 1 or counts[path] < len(found)]
    return sorted(differ, key=lambda path: (-counts[path], path.count(".") + path.count("["), path))
