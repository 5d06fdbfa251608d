"""The building blocks of specs: frozen models, kinds, and their registries.

The modules of these models do without `from __future__ import annotations`: pydantic would evaluate each annotation
from its text again for each kind that inherits it, a third of what their import takes.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from dlcore.errors import N_, Message, SpecError, quote_value, unknown_name

M = TypeVar("M", bound="SpecModel")
K = TypeVar("K", bound="Kind")

MAX_VALUES = 10_000
"""No list or mapping in a spec is longer; checked first, so that a hostile file is refused quickly."""


def problem(error: SpecError) -> PydanticCustomError:
    """`error` in the form that pydantic collects together with the path it was raised at."""
    return PydanticCustomError("dlcore", "{text}", {"text": str(error), "message": error.message})


class SpecModel(BaseModel):
    """A frozen part of a spec; an unknown field is an error that lists the closest matches."""

    # Built when it is first used: of hundreds of kinds a process needs a few, and would spend a fifth of its start.
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_fields(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = set(cls.model_fields)
            for name, value in data.items():
                if name not in known and not (name == "kind" and issubclass(cls, Kind)):
                    text = name if isinstance(name, str) else quote_value(name)
                    raise problem(unknown_name(N_("field"), text, known, where=quote_value(text)[1:-1]))
                if isinstance(value, (list, tuple, dict)) and len(value) > MAX_VALUES:
                    raise problem(_too_many(name, len(value)))
        return data

    def updated(self: M, **values: Any) -> M:
        """Returns a checked copy with some fields changed."""
        from dlcore.spec.problems import parse

        return parse(type(self), {**{n: getattr(self, n) for n in type(self).model_fields}, **values})


class Kind(SpecModel):
    """One of several things that can stand in the same place: a layer, a loss, an optimizer.

    The class has Keras' own name, its fields are Keras' own arguments. From it follow the form, the
    pick-list, JSON, the reference, the exported code and the contract tests.
    """

    namespace: ClassVar[str]
    """Where Keras has it: `layers`, `losses`, `optimizers.schedules` …"""

    keras_name: ClassVar[str] = ""
    """Keras' class, where it is called otherwise; empty: as this one."""

    title: ClassVar[str] = ""
    """What users call it, translatable; empty where they use the class's own name."""

    summary: ClassVar[str]
    """One line of help."""

    not_arguments: ClassVar[frozenset[str]] = frozenset()
    """Fields that Keras' constructor does not take."""

    placing: ClassVar[frozenset[str]] = frozenset()
    """Fields that say where it stands in a model; one inside another kind has none of them."""

    shown: ClassVar[tuple[str, ...]] = ()
    """Arguments that say most of it, or for which Keras has no default, or another one than ours.

    A script shows them first and always, and all others only where they differ from Keras' default, to which
    a contract test holds ours. In a list of layers the first of them is beside the kind.
    """

    @property
    def kind(self) -> str:
        """The registered name."""
        return type(self).__name__

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' constructor; nested kinds stay kinds."""
        return {n: getattr(self, n) for n in type(self).model_fields if n not in self.not_arguments}

    @model_validator(mode="before")
    @classmethod
    def _check_kind(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and "kind" in data:
            return {name: value for name, value in data.items() if name != "kind"}
        return data

    @model_serializer(mode="wrap")
    def _with_kind(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"kind": self.kind, **handler(self)}


class Registry(Generic[K]):
    """The kinds of one sort, by name.

    Args:
        what: the word for one of them, in messages (`layer`).
        base: the class they share.

    Example:
        >>> from dlcore.spec.layers import LAYERS
        >>> LAYERS.parse({"kind": "Dropout", "rate": 0.2}).rate
        0.2
    """

    _all: ClassVar[dict[type[Kind], "Registry[Any]"]] = {}

    def __init__(self, what: str, base: type[K]) -> None:
        self.what = what
        self.base = base
        self._kinds: dict[str, type[K]] = {}
        self._all[base] = self

    @classmethod
    def of(cls, base: type[Kind]) -> "Registry[Any]":
        """Returns the registry of the kinds that share `base`."""
        return cls._all[base]

    @classmethod
    def every(cls) -> "tuple[Registry[Any], ...]":
        """Returns all registries that were made so far."""
        return tuple(cls._all.values())

    def register(self, cls: type[K]) -> type[K]:
        """Adds a class under its own name, here and where a narrower base of it is registered; a decorator."""
        for base, registry in self._all.items():
            if issubclass(cls, base) and issubclass(base, self.base):
                registry._kinds[cls.__name__] = cls
        return cls

    def names(self) -> tuple[str, ...]:
        """Returns all names, in the order of their registration."""
        return tuple(self._kinds)

    def __iter__(self) -> Iterator[type[K]]:
        return iter(self._kinds.values())

    def get(self, name: str) -> type[K]:
        """Returns the class of that name.

        Raises:
            SpecError: nothing is registered under it; lists the closest matches.
        """
        if name not in self._kinds:
            raise unknown_name(self.what, name, self._kinds)
        return self._kinds[name]

    def parse(self, data: Any) -> K:
        """Returns a kind from its instance, its JSON object, or its bare name (all defaults).

        Raises:
            pydantic.ValidationError: within a model; its paths are kept.
        """
        if isinstance(data, self.base):
            return data
        if isinstance(data, str):
            data = {"kind": data}
        if not isinstance(data, Mapping) or not isinstance(data.get("kind"), str):
            raise problem(
                SpecError(
                    N_("expected the `kind` of one {what}, got {got}."),
                    hint=N_("Give an object such as {{kind: {example}}}."),
                    what=Message(self.what),
                    got=quote_value(data),
                    example=next(iter(self._kinds), ""),
                )
            )
        try:
            cls = self.get(data["kind"])
        except SpecError as error:
            raise problem(error.under("kind")) from None
        return cls.model_validate(data)

    def parser(self) -> Callable[[Any], Any]:
        """`parse` for optional fields: `None` stays `None`."""
        return lambda data: None if data is None else self.parse(data)


def _too_many(name: str, count: int) -> SpecError:
    return SpecError(
        N_("too many values: expected at most {max_length}, got {actual_length}."),
        hint=N_("Remove some."),
        where=name,
        max_length=MAX_VALUES,
        actual_length=count,
    )


def message_of(context: Mapping[str, Any] | None) -> Message | None:
    """Returns the message inside a pydantic error made by `problem`."""
    message = (context or {}).get("message")
    return message if isinstance(message, Message) else None
