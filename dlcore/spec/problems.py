"""From pydantic's errors to ours: the path, what was expected, what was got, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dlcore.errors import N_, SpecError, quote_value
from dlcore.field_path import FieldPath
from dlcore.spec.base import message_of

B = TypeVar("B", bound=BaseModel)

_WHOLE = N_("expected a whole number, got {got}.")
_NUMBER = N_("expected a number, got {got}.")
_TEXT = N_("expected text, got {got}.")
_LIST = N_("expected a list, got {got}.")
_OBJECT = N_("expected an object with fields, got {got}.")
_YES_NO = N_("expected true or false, got {got}.")

_TEMPLATES: dict[str, tuple[str, str]] = {
    "missing": (N_("this field is required."), N_("Enter a value.")),
    "greater_than_equal": (N_("expected a number of at least {ge}, got {got}."), N_("Raise it.")),
    "greater_than": (N_("expected a number greater than {gt}, got {got}."), N_("Raise it.")),
    "less_than_equal": (N_("expected a number of at most {le}, got {got}."), N_("Lower it.")),
    "less_than": (N_("expected a number less than {lt}, got {got}."), N_("Lower it.")),
    "int_type": (_WHOLE, ""),
    "int_parsing": (_WHOLE, ""),
    "int_from_float": (_WHOLE, ""),
    "int_parsing_size": (_WHOLE, ""),
    "float_type": (_NUMBER, ""),
    "float_parsing": (_NUMBER, ""),
    "finite_number": (N_("expected a finite number, got {got}."), ""),
    "bool_type": (_YES_NO, ""),
    "bool_parsing": (_YES_NO, ""),
    "string_type": (_TEXT, ""),
    "string_unicode": (_TEXT, ""),
    "string_pattern_mismatch": (
        N_("expected letters, digits and underscores that begin with a letter, got {got}."),
        N_("Choose another name."),
    ),
    "string_too_long": (N_("expected at most {max_length} characters."), N_("Shorten it.")),
    "tuple_type": (_LIST, ""),
    "list_type": (_LIST, ""),
    "dict_type": (_OBJECT, ""),
    "model_type": (_OBJECT, ""),
    "model_attributes_type": (_OBJECT, ""),
    "too_short": (N_("too few values: expected at least {min_length}, got {actual_length}."), ""),
    "too_long": (N_("too many values: expected at most {max_length}, got {actual_length}."), ""),
}


def path_of(parts: Iterable[str | int]) -> str:
    """Returns a path as users write it.

    Example:
        >>> path_of(["model", "layers", 2, "strides"])
        'model.layers[2].strides'
    """
    return str(FieldPath.of(*(part if isinstance(part, int) else quote_value(part)[1:-1] for part in parts)))


def _spec_error(details: ErrorDetails) -> SpecError:
    # "[key]" is how pydantic says that the key itself is wrong, not the value under it.
    path = path_of(part for part in details["loc"] if part != "[key]")
    context = details.get("ctx") or {}
    message = message_of(context)
    if message is not None:
        inner = SpecError(message.template, hint=message.hint, where=message.where, **message.params)
        return inner.under(path) if path else inner
    got = quote_value(details["input"])
    if details["type"] in ("literal_error", "enum"):
        return _choice_error(path, str(context["expected"]), got)
    if details["type"] in _TEMPLATES:
        template, hint = _TEMPLATES[details["type"]]
        return SpecError(template, hint=hint, where=path, **{**context, "got": got})
    return SpecError("{detail}", where=path, detail=details["msg"])


def _choice_error(path: str, expected: str, got: str) -> SpecError:
    choices = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    near = next(iter(difflib.get_close_matches(got.strip("'").lower(), choices, n=1)), "")
    return SpecError(
        N_("expected one of {choices}, got {got}."),
        hint=N_("Did you mean '{near}'?") if near else N_("Choose one of them."),
        where=path,
        choices=", ".join(choices),
        got=got,
        near=near,
    )


def problems(error: ValidationError) -> list[SpecError]:
    """Every problem that pydantic found, in the order of the fields."""
    return [_spec_error(details) for details in error.errors()]


def parse(cls: type[B], data: Any, *, where: str = "") -> B:
    """`data` checked and made into `cls`.

    Args:
        cls: the model's class.
        data: an object as it comes from JSON or YAML.
        where: a prefix for the path in the error.

    Raises:
        SpecError: the first problem, with its path.
    """
    try:
        return cls.model_validate(data)
    except ValidationError as error:
        first = problems(error)[0]
        raise (first.under(where) if where else first) from None
