"""What can be asked of a run, by the names that a filter, a table and a sort use."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from dlcore.errors import N_, unknown_name
from dlcore.field_path import FieldPath, Item
from dlcore.records import RunState, Scope, StudyState
from dlcore.records.kinds import DRAFT
from dlcore.spec.base import SpecModel
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.metrics import METRICS


class FieldKind(Enum):
    """What the values of a field are."""

    NUMBER = "number"
    DURATION = "duration"
    """Seconds; `5min` and `2h` are read as such."""
    TIME = "time"
    TEXT = "text"
    STATE = "state"
    FLAG = "flag"
    TAGS = "tags"
    SPEC = "spec"
    """A number, a text or a flag, as the spec has it."""


@dataclass(frozen=True)
class Field:
    """One field of a run.

    Attributes:
        name: as it is written in a filter.
        source: the column it is in.
        path: the keys that lead to it within a column of JSON.
        parts: of a metric, the parts that it is looked for on, the first one that has it counts.
    """

    name: str
    kind: FieldKind
    source: str
    path: tuple[str | Item, ...] = ()
    parts: tuple[Scope, ...] = ()


_COLUMNS = {
    "name": (FieldKind.TEXT, "name"),
    "id": (FieldKind.TEXT, "id"),
    "kind": (FieldKind.TEXT, "kind"),
    "state": (FieldKind.STATE, "state"),
    "dataset": (FieldKind.TEXT, "dataset"),
    "template": (FieldKind.TEXT, "template"),
    "tag": (FieldKind.TAGS, "tags"),
    "notes": (FieldKind.TEXT, "notes"),
    "favorite": (FieldKind.FLAG, "favorite"),
    "archived": (FieldKind.FLAG, "archived"),
    "owner": (FieldKind.TEXT, "owner"),
    "device": (FieldKind.TEXT, "device"),
    "hardware": (FieldKind.TEXT, "hardware"),
    "created": (FieldKind.TIME, "created_at"),
    "started": (FieldKind.TIME, "started_at"),
    "finished": (FieldKind.TIME, "finished_at"),
    "seconds": (FieldKind.DURATION, "seconds"),
    "epoch": (FieldKind.NUMBER, "epoch"),
    "epochs": (FieldKind.NUMBER, "epochs"),
    "number": (FieldKind.NUMBER, "number"),
    "study": (FieldKind.TEXT, "study_id"),
    "trial": (FieldKind.NUMBER, "trial"),
    "parent": (FieldKind.TEXT, "parent_id"),
}
_JUDGED = (Scope.TEST, Scope.VALIDATION, Scope.TRAIN)
"""Where a metric without a part is looked for, as the tables of runs do."""

_PREFIXES = {"": _JUDGED, "test_": (Scope.TEST,), "val_": (Scope.VALIDATION,), "train_": (Scope.TRAIN,)}


@cache
def known_fields() -> dict[str, Field]:
    """Returns the fields that are no part of the spec, by name."""
    fields = {name: Field(name, kind, column) for name, (kind, column) in _COLUMNS.items()}
    fields["parameters"] = Field("parameters", FieldKind.NUMBER, "workload", ("parameters",))
    for metric in (*METRICS, "loss"):
        for prefix, parts in _PREFIXES.items():
            name = f"{prefix}{metric}"
            fields[name] = Field(name, FieldKind.NUMBER, "summary", (metric,), parts)
    return fields


def find_field(name: str) -> Field | None:
    """Returns the field of that name: of the run, else of its spec; None if there is none."""
    known = known_fields().get(name)
    if known is not None:
        return known
    path = FieldPath.parse(name)
    if not path or any(
        isinstance(step, Item) and step.last for step in path.steps
    ):  # a group has no one value
        return None
    return Field(str(path), FieldKind.SPEC, "spec", path.steps) if _is_in_spec(path) else None


def named_field(name: str, *, where: str) -> Field:
    """Returns the field of that name.

    Args:
        name: of the field.
        where: who names it, for the message.

    Raises:
        SpecError: there is none; names the nearest.
    """
    field = find_field(name)
    if field is None:
        raise unknown_name(N_("field"), name, nearest_fields(name), where=where)
    return field


def nearest_fields(name: str) -> list[str]:
    """Returns the names of fields that someone may have meant, the nearest first; at most four."""
    names = [*known_fields(), *_spec_names()]
    near = difflib.get_close_matches(name, names, n=4, cutoff=0.6)
    # `learning_rate` is meant where it is the end of a path.
    last = [one for one in names if one.rpartition(".")[2] == name.rpartition(".")[2]]
    return list(dict.fromkeys([*last[:3], *near]))[:4] or list(_COLUMNS)[:4]


def state_names() -> list[str]:
    """Returns what a state can be."""
    return list(dict.fromkeys([*RunState, *StudyState, DRAFT]))


def _is_in_spec(path: FieldPath) -> bool:
    """Returns whether some experiment has a value at a path."""
    here: list[Any] = [ExperimentSpec]
    for step in path.steps:
        here = [inner for form in here for inner in _inner(form, step)]
    return bool(here)


def _inner(annotation: Any, step: str | Item) -> Iterator[Any]:
    """Yields the types of what is at a step inside of a value, in each of the forms that it may have."""
    for form in _forms(annotation):
        if isinstance(step, Item):
            if get_origin(form) in (tuple, list, Sequence):
                yield get_args(form)[0]
        elif isinstance(form, type) and issubclass(form, SpecModel):
            yield from _fields(form).get(step, ())
        elif get_origin(form) in (dict, Mapping):
            yield get_args(form)[1]


def _forms(annotation: Any) -> Iterator[Any]:
    """Yields the types that a union consists of."""
    if get_origin(annotation) is Annotated:
        yield from _forms(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for one in get_args(annotation):
            yield from _forms(one)
    else:
        yield annotation


@cache
def _fields(base: type[SpecModel]) -> dict[str, list[Any]]:
    """Returns the types of the fields of a class and all its kinds, by name."""
    found: dict[str, list[Any]] = {}
    for kind in _kinds(base):
        for name, field in kind.model_fields.items():
            types = found.setdefault(name, [])
            if field.annotation not in types:
                types.append(field.annotation)
    if base.__subclasses__():
        found.setdefault("kind", [str])
    return found


def _kinds(base: type[SpecModel]) -> Iterator[type[SpecModel]]:
    yield base
    for one in base.__subclasses__():
        yield from _kinds(one)


@cache
def _spec_names() -> list[str]:
    """Returns the paths of all fields of a spec that are in no list."""
    found: dict[str, None] = {}

    def collect(annotation: Any, path: str, depth: int) -> None:
        for form in _forms(annotation):
            if not (isinstance(form, type) and issubclass(form, SpecModel)):
                continue
            for name, types in _fields(form).items():
                one = f"{path}.{name}" if path else name
                found.setdefault(one)
                for inner in types if depth else ():
                    collect(inner, one, depth - 1)

    collect(ExperimentSpec, "", 3)
    return list(found)
