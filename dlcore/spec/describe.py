"""The fields of a spec class as data: what forms, the reference and searches are made from."""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from dlcore.spec.base import Kind, Registry, SpecModel
from dlcore.spec.fields import Scale


class Sort(StrEnum):
    """What a field holds."""

    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    PAIR = "pair"
    NUMBERS = "numbers"
    NAMES = "names"
    VALUES = "values"
    WEIGHTS = "weights"
    KIND = "kind"
    KINDS = "kinds"
    MODEL = "model"


@dataclass(frozen=True)
class Field:
    """One field of a spec class.

    Attributes:
        name: as in JSON, and as Keras' argument.
        sort: what it holds.
        optional: whether it may be empty (`None`).
        default: the default value; `...` where one must be given.
        help: one sentence, translatable.
        advanced: folded away in forms.
        first: is at the head of the form.
        ordered: of names, whether their order counts.
        free: of names, whether they are the user's own words.
        low, high: the limits, `None` where there is none.
        low_open, high_open: whether the limit itself is excluded.
        choices: the words to choose from.
        count: of a pair, how many numbers it has.
        registry: where its kinds are found.
        model: the class of a nested part.
        title: its label, where its name would not read well.
        derived, search, around, tried: as in `arg`.
    """

    name: str
    sort: Sort
    optional: bool
    default: Any
    help: str
    advanced: bool = False
    first: bool = False
    ordered: bool = False
    free: bool = False
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    choices: tuple[str, ...] = ()
    count: int = 2
    registry: Registry[Any] | None = None
    model: type[SpecModel] | None = None
    title: str = ""
    derived: bool = False
    search: Scale = Scale.PLAIN
    around: float | None = None
    tried: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name for people, translatable: `kernel_size` is "Kernel size"."""
        return self.title or self.name.replace("_", " ").capitalize()

    def range_text(self) -> str:
        """Returns the limits as users write them, empty where there are none.

        Example:
            >>> from dlcore.spec.layers import Dropout
            >>> describe(Dropout)[0].range_text()
            '0 ≤ … < 1'
        """
        left = f"{_number(self.low)} {'<' if self.low_open else '≤'} " if self.low is not None else ""
        right = f" {'<' if self.high_open else '≤'} {_number(self.high)}" if self.high is not None else ""
        return f"{left}…{right}" if left or right else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:g}"


@cache
def describe(cls: type[SpecModel]) -> tuple[Field, ...]:
    """Returns the fields of a class, in the order of a form: plain ones first, then the advanced."""
    fields = [_field(name, info) for name, info in cls.model_fields.items()]
    return tuple(sorted(fields, key=lambda field: (field.advanced, not field.first)))


def _field(name: str, info: FieldInfo) -> Field:
    annotation, nested = _unwrap(info.annotation)
    optional = _is_optional(info.annotation)
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    limits = _limits([*nested, *info.metadata])
    return Field(
        name=name,
        optional=optional,
        default=... if info.default is PydanticUndefined else info.default,
        help=info.description or "",
        title=extra.get("label", ""),
        **{key: extra[key] for key in _FLAGS if key in extra},
        **_sort(annotation),
        **limits,
    )


_FLAGS = ("advanced", "first", "ordered", "free", "derived", "search", "around", "tried")


def _is_optional(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        return _is_optional(get_args(annotation)[0])
    return get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation)


def _unwrap(annotation: Any) -> tuple[Any, list[Any]]:
    """Returns the bare type inside `Annotated[… | None, …]`, and the metadata found on the way."""
    metadata: list[Any] = []
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata += more
        elif _is_optional(annotation):
            (annotation,) = (a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation, metadata


def _limits(metadata: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in _flat(metadata):
        for attribute, side, is_open in (
            ("ge", "low", False),
            ("gt", "low", True),
            ("le", "high", False),
            ("lt", "high", True),
        ):
            value = getattr(item, attribute, None)
            if value is not None:
                found[side], found[f"{side}_open"] = float(value), is_open
    return found


def _flat(metadata: list[Any]) -> Iterator[Any]:
    for item in metadata:
        if isinstance(item, FieldInfo):
            yield from item.metadata
        else:
            yield item


_PLAIN = {int: Sort.INT, float: Sort.FLOAT, bool: Sort.BOOL, str: Sort.TEXT}


def _sort(annotation: Any) -> dict[str, Any]:
    if annotation in _PLAIN:
        return {"sort": _PLAIN[annotation]}
    if get_origin(annotation) is Literal:
        return {"sort": Sort.CHOICE, "choices": tuple(str(choice) for choice in get_args(annotation))}
    if isinstance(annotation, type) and issubclass(annotation, Kind):
        return {"sort": Sort.KIND, "registry": Registry.of(annotation)}
    if isinstance(annotation, type) and issubclass(annotation, SpecModel):
        return {"sort": Sort.MODEL, "model": annotation}
    if get_origin(annotation) is dict:
        return {"sort": Sort.WEIGHTS}
    if get_origin(annotation) is tuple:
        return _tuple_sort(get_args(annotation))
    raise TypeError(f"no form is known for a field of type {annotation!r}")


def _tuple_sort(arguments: tuple[Any, ...]) -> dict[str, Any]:
    inner, metadata = _unwrap(arguments[0])
    if arguments[-1] is not Ellipsis:
        return {"sort": Sort.PAIR, "count": len(arguments), **_limits(metadata)}
    if inner is Any or get_origin(inner) is dict:
        return {"sort": Sort.VALUES}
    of_one = _sort(inner)
    match of_one["sort"]:
        case Sort.CHOICE:
            return {**of_one, "sort": Sort.CHOICES}
        case Sort.TEXT:
            return {"sort": Sort.NAMES}
        case Sort.KIND:
            return {**of_one, "sort": Sort.KINDS}
        case _:
            return {"sort": Sort.NUMBERS, **_limits(metadata)}
