"""The parameters of our own routes, checked before anything is asked of the store."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import QueryParams

from dlcore.errors import quote_value

LARGEST = 2**63 - 1
"""What a database takes for a whole number."""
LONGEST_NAME = 64
LONGEST_ID = 32
MOST_RUNS = 100
"""Runs that are asked for at once."""

Word = TypeVar("Word", bound=StrEnum)


class ParameterError(Exception):
    """A parameter that cannot be taken: `name: expected what, got what`, for a program."""

    def __init__(self, name: str, expected: str, got: str | None) -> None:
        super().__init__(f"{name}: expected {expected}, got {'nothing' if got is None else quote_value(got)}")


def whole_number(query: Mapping[str, str], name: str, *, default: int) -> int:
    """Returns a whole number from 0 up to what a database holds."""
    text = query.get(name)
    if text is None:
        return default
    # Digits alone, and few: int() would take other scripts' digits, and minutes for a million of them.
    if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST:
        return int(text)
    raise ParameterError(name, f"a whole number from 0 to {LARGEST}", text)


def finite_number(query: Mapping[str, str], name: str) -> float:
    """Returns a number that is neither infinite nor undefined."""
    text = query.get(name)
    try:
        value = float(text) if text is not None and len(text) <= 40 else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ParameterError(name, "a number", text)
    return value


def choice(query: Mapping[str, str], name: str, words: type[Word]) -> Word:
    """Returns one of some words."""
    text = query.get(name)
    try:
        return words(text or "")
    except ValueError:
        raise ParameterError(name, f"one of {', '.join(words)}", text) from None


def metric_name(query: Mapping[str, str], name: str) -> str:
    """Returns a metric's name: printable, not empty, and no longer than any that is stored."""
    value = query.get(name)
    if not value or len(value) > LONGEST_NAME or not value.isprintable():
        raise ParameterError(name, f"a name of at most {LONGEST_NAME} characters", value)
    return value


def run_ids(query: QueryParams, name: str) -> list[str]:
    """Returns the ids of one run or of several, which need not exist."""
    found = query.getlist(name)
    if not 1 <= len(found) <= MOST_RUNS:
        raise ParameterError(name, f"from 1 to {MOST_RUNS} of them", str(len(found)))
    for one in found:
        if not (one.isascii() and one.isalnum() and len(one) <= LONGEST_ID):
            raise ParameterError(name, f"at most {LONGEST_ID} letters and digits", one)
    return found
