"""The values of a filter: numbers, durations, dates, texts, flags, as the field takes them."""

from __future__ import annotations

import difflib
import math
import re
from datetime import datetime, timedelta

from dlcore.errors import N_, Message
from dlcore.store.filters.errors import FilterError
from dlcore.store.filters.fields import Field, FieldKind, state_names
from dlcore.store.filters.tree import Operator, Value
from dlcore.store.filters.words import Sort, Word

UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
FLAGS = {"true": True, "yes": True, "false": False, "no": False}
NONE = "none"
"""Stands for no value, where it is not in quotes."""

_SPAN = re.compile(r"([+-]?\d+(?:\.\d+)?)(s|min|h|d|w)")
_PERCENT = re.compile(r"([+-]?\d+(?:\.\d+)?)%")

Read = tuple[Value, datetime | None]


def read_value(field: Field, operator: Operator, word: Word, now: datetime) -> Read:
    """Returns the value that a word stands for, and where it is a whole day or minute, its end.

    Raises:
        FilterError: the field has no such values.
    """
    if word.sort is Sort.PLAIN and word.text.casefold() == NONE and operator is Operator.EQUAL:
        return None, None
    match field.kind:
        case FieldKind.NUMBER:
            return _number(field, word), None
        case FieldKind.DURATION:
            span = _span(word.text)
            return (_number(field, word) if span is None else span), None
        case FieldKind.TIME:
            return _moment(field, word, now)
        case FieldKind.STATE:
            return _member(field, word, state_names()), None
        case FieldKind.FLAG:
            return FLAGS[_member(field, word, list(FLAGS))], None
        case FieldKind.SPEC if operator not in (Operator.EQUAL, Operator.CONTAINS):
            return _number(field, word), None
        case FieldKind.SPEC if word.sort is Sort.PLAIN and operator is Operator.EQUAL:
            number = _read_number(word.text)
            return (FLAGS.get(word.text.casefold(), word.text) if number is None else number), None
    return word.text, None


def _read_number(text: str) -> float | None:
    if (percent := _PERCENT.fullmatch(text)) is not None:
        return float(percent[1]) / 100
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _number(field: Field, word: Word) -> float:
    number = _read_number(word.text) if word.sort is Sort.PLAIN else None
    if number is None:
        example = N_("Write a number or a duration: 90, 5min, 2h.")
        plain = N_("Write a number: 0.95, 95% or 1e-3.")
        raise _refused(field, word, N_("a number"), example if field.kind is FieldKind.DURATION else plain)
    return number


def _span(text: str) -> float | None:
    found = _SPAN.fullmatch(text)
    return None if found is None else float(found[1]) * UNITS[found[2]]


def _moment(field: Field, word: Word, now: datetime) -> Read:
    """Returns a moment: some time ago, or a date, which is a whole day, or a minute of it."""
    if word.text.casefold() == "now":
        return now, None
    try:
        if (span := _span(word.text)) is not None:
            return now + timedelta(seconds=span), None
        begin = datetime.fromisoformat(word.text)
        if begin.tzinfo is None:
            begin = begin.replace(tzinfo=now.tzinfo)
        whole = timedelta(days=1) if len(word.text) == len("2026-01-31") else timedelta(minutes=1)
        return begin, begin + whole
    except (ValueError, OverflowError):
        raise _refused(
            field,
            word,
            N_("a date or a time span"),
            N_("Write `2026-01-31`, `2026-01-31T08:30`, `-7d` or `-12h`."),
        ) from None


def _member(field: Field, word: Word, known: list[str]) -> str:
    if word.text.casefold() in known:
        return word.text.casefold()
    near = difflib.get_close_matches(word.text.casefold(), known, n=3, cutoff=0.5) or known
    raise FilterError(
        N_("{field} is never '{got}'."),
        hint=N_("Possible: {possible}."),
        start=word.start,
        stop=word.stop,
        field=field.name,
        got=word.text,
        possible=", ".join(near),
    )


def _refused(field: Field, word: Word, expected: str, hint: str) -> FilterError:
    return FilterError(
        N_("{field} is {expected}, got '{got}'."),
        hint=hint,
        start=word.start,
        stop=word.stop,
        field=field.name,
        expected=Message(expected),
        got=word.text,
    )
