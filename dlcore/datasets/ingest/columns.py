"""What the columns of a table hold: decided by the whole column, never cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dlcore.datasets.ingest.numerals import NumberFormat, number_format, parse_numbers
from dlcore.datasets.ingest.proposal import Choices, natural_order
from dlcore.datasets.ingest.times import TimeFormat, parse_times, pattern_of, time_format
from dlcore.spec.data import MAX_CATEGORIES, Column, ColumnRole, ColumnType

NOTHING_WRITTEN = frozenset({"", "nan", "null", "#n/a", "<na>", "nat"})
"""Cells that say nothing in any column: what programs write for a missing value."""

NO_NUMBER = NOTHING_WRITTEN | {
    "na",
    "n/a",
    "none",
    "?",
    "-",
    "--",
    "nil",
    ".",
    "..",
    "#value!",
    "#div/0!",
    "#ref!",
}
"""Cells that say nothing in a column of numbers or times; elsewhere they may be the name of a class."""

TEXT_NAMES = re.compile(
    r"^(text|texts|message|review|sentence|comment|content|body|sms|tweet|文本|内容|评论|正文|句子)$",
    re.IGNORECASE,
)
_TITLE_NAMES = re.compile(r"^(title|headline|subject|question|utterance|标题|评价)$", re.IGNORECASE)
TIME_NAMES = re.compile(
    r"^(time|timestamp|date|datetime|day|month|year|quarter|period|week|step|t|when|time_step|timestep|"
    r"时间|日期|年份|月份|datum|fecha)$",
    re.IGNORECASE,
)
FEW = 20
"""A whole number with at most that many different values, each often, may be a class."""

_ENOUGH = 0.9
_LEADING_ZERO = re.compile(r"0\d+")
_LONG_NUMBER = re.compile(r"\d{16,}")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_CALENDAR = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class ColumnReading:
    """How the cells of a column are read.

    Attributes:
        type: what they are.
        numbers: how they are written, if they are numbers in a text.
        times: how they are written, if they are times in a text.
    """

    type: ColumnType
    numbers: NumberFormat | None = None
    times: TimeFormat | None = None


@dataclass(frozen=True)
class ColumnData:
    """A column read: its description, and its values as they are stored.

    Attributes:
        values: float64 with NaN for missing, or strings with None.
        wrong: cells that were not of the column's type and count as missing.
    """

    column: Column
    values: npt.NDArray[Any]
    wrong: int = 0


def is_nothing(cell: Any) -> bool:
    """Returns whether a cell of a typed table holds no value."""
    return cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell))


def as_texts(series: pd.Series[Any], missing: Iterable[str] = NOTHING_WRITTEN) -> npt.NDArray[Any]:
    """Returns cells as text, with None where there is nothing.

    Args:
        series: the cells.
        missing: what says nothing, in lower case.
    """
    nothing = frozenset(missing)
    if isinstance(series.dtype, pd.ArrowDtype):
        trimmed = pc.utf8_trim_whitespace(pa.array(series.array))
        says = pc.invert(pc.is_in(pc.utf8_lower(trimmed), pa.array(sorted(nothing), trimmed.type)))
        packed: npt.NDArray[Any] = pc.if_else(says, trimmed, None).to_numpy(zero_copy_only=False)
        return packed
    texts = [None if is_nothing(cell) else str(cell).strip() for cell in series]
    return np.array(
        [None if text is None or text.lower() in nothing else text for text in texts], dtype=object
    )


def missing_words(type_: ColumnType, choices: Choices) -> frozenset[str]:
    """Returns the cells that say nothing in a column of that type, in lower case."""
    usual = NO_NUMBER if type_ in (ColumnType.NUMBER, ColumnType.TIME) else NOTHING_WRITTEN
    return usual | {word.strip().lower() for word in choices.missing}


def reading_of(name: str, series: pd.Series[Any], choices: Choices, decimal: str = "") -> ColumnReading:
    """Returns how a column is read: its type and the one way in which its cells are written.

    Args:
        name: of the column.
        series: its cells.
        choices: may name its type, and how dates are written.
        decimal: the mark of decimals, if that is known of the file.
    """
    chosen = choices.types.get(name)
    if pd.api.types.is_datetime64_any_dtype(series):
        return ColumnReading(chosen or ColumnType.TIME)
    if pd.api.types.is_numeric_dtype(series):
        return ColumnReading(chosen or ColumnType.NUMBER)
    known = [text for text in as_texts(series, missing_words(ColumnType.NUMBER, choices)) if text is not None]
    decimal = choices.decimal or decimal
    match chosen:
        case ColumnType.NUMBER:
            written = number_format(known, decimal=decimal)
            if written is None and not choices.decimal:
                written = number_format(known)
            return ColumnReading(chosen, written or NumberFormat(decimal or "."))
        case ColumnType.TIME:
            return ColumnReading(chosen, times=_times(known, choices, counts=True))
        case None:
            return _guessed(name, series, known, choices, decimal)
    return ColumnReading(chosen)


def _guessed(
    name: str, series: pd.Series[Any], known: list[str], choices: Choices, decimal: str
) -> ColumnReading:
    if not known:
        texts = [text for text in as_texts(series) if text is not None]
        return ColumnReading(ColumnType.CATEGORY if texts else ColumnType.NUMBER, NumberFormat())
    is_time = TIME_NAMES.match(name) is not None
    numbers = number_format(known, decimal=decimal)
    if numbers is not None and not is_time and names_rather_than_numbers(known):
        numbers = None
    if numbers is not None and not (is_time and all(_CALENDAR.fullmatch(text) for text in known)):
        return _numbers_or_epochs(known, numbers, is_time=is_time)
    times = _times(known, choices, counts=is_time)
    if times is not None:
        return ColumnReading(ColumnType.TIME, times=times)
    return ColumnReading(ColumnType.TEXT if _is_prose(name, known) else ColumnType.CATEGORY)


def _numbers_or_epochs(known: list[str], numbers: NumberFormat, *, is_time: bool) -> ColumnReading:
    """Returns numbers, but for seconds since 1970 in a column called a time."""
    times = time_format(known, counts=True) if is_time else None
    if times is not None and times.is_epoch:
        return ColumnReading(ColumnType.TIME, times=times)
    return ColumnReading(ColumnType.NUMBER, numbers)


def _times(known: list[str], choices: Choices, *, counts: bool) -> TimeFormat | None:
    if choices.date_format:
        pattern = pattern_of(choices.date_format)
        if np.isfinite(parse_times(known, pattern)).mean() >= _ENOUGH:
            return TimeFormat(pattern)
    return time_format(known, counts=counts)


def names_rather_than_numbers(known: list[str]) -> bool:
    """Returns whether digits name something: those with zeros in front, or too many for a number.

    Example:
        >>> names_rather_than_numbers(["007", "7", "10"]), names_rather_than_numbers(["0.5", "10"])
        (True, False)
    """
    digits = [text for text in known if text.isdecimal()]
    if len(digits) < _ENOUGH * len(known):
        return False
    return any(_LEADING_ZERO.fullmatch(text) or _LONG_NUMBER.fullmatch(text) for text in digits)


def _is_prose(name: str, known: list[str]) -> bool:
    sample = known[:: max(1, len(known) // 50)]
    words = float(np.mean([count_words(text) for text in sample]))
    letters = float(np.mean([len(text) for text in sample]))
    many = len(set(known)) > max(FEW, len(known) / 2)
    if TEXT_NAMES.match(name):
        return True
    return many and (words >= (2 if _TITLE_NAMES.match(name) else 4) or letters >= 30)


def count_words(text: str) -> float:
    """Returns how many words a text has; of Chinese and Japanese about every second character is one.

    Example:
        >>> count_words("a cat"), count_words("今天天气好")
        (2, 2.5)
    """
    wide = len(_WIDE.findall(text))
    return len(_WIDE.sub(" ", text).split()) + wide / 2 if wide else len(text.split())


def read_column(
    name: str, series: pd.Series[Any], reading: ColumnReading, role: ColumnRole, choices: Choices
) -> ColumnData:
    """Returns the values of a column as they are stored, and what is known of them."""
    texts = as_texts(series, missing_words(reading.type, choices))
    given = np.array([text is not None for text in texts])
    if reading.type in (ColumnType.NUMBER, ColumnType.TIME):
        numbers = _values(series, texts, reading)
        finite = np.isfinite(numbers)
        column = Column(name, reading.type, role, (), len(np.unique(numbers[finite])), int((~finite).sum()))
        return ColumnData(column, numbers, int((given & ~finite).sum()))
    known = {text for text in texts if text is not None}
    listed = (
        natural_order(known) if reading.type is ColumnType.CATEGORY and len(known) <= MAX_CATEGORIES else ()
    )
    return ColumnData(Column(name, reading.type, role, listed, len(known), int((~given).sum())), texts)


def _values(
    series: pd.Series[Any], texts: npt.NDArray[Any], reading: ColumnReading
) -> npt.NDArray[np.float64]:
    """Returns numbers, or times in seconds since 1970."""
    if reading.type is ColumnType.NUMBER and pd.api.types.is_numeric_dtype(series):
        numbers: npt.NDArray[np.float64] = pd.to_numeric(series).to_numpy(
            np.float64, na_value=np.nan, copy=True
        )
        numbers[~np.isfinite(numbers)] = np.nan
        return numbers
    if reading.type is ColumnType.NUMBER:
        return parse_numbers(list(texts), reading.numbers or NumberFormat())
    if pd.api.types.is_datetime64_any_dtype(series):
        return parse_times(list(series.astype(str).where(series.notna(), None)), "ISO 8601")
    if reading.times is None:
        return np.full(len(texts), np.nan)
    return parse_times(list(texts), reading.times.pattern)


def labels_of(series: pd.Series[Any], reading: ColumnReading, choices: Choices) -> list[str | None]:
    """Returns the cells of a column as names: of classes, users, items or groups.

    A whole number that was written as `3.0` is called `3`, unless two names would become one.
    """
    words = missing_words(ColumnType.CATEGORY, choices)
    texts = as_texts(series, words)
    if reading.type is not ColumnType.NUMBER:
        return list(texts)
    numbers = {
        text: float(value) for text, value in zip(texts, _values(series, texts, reading), strict=True) if text
    }
    # A word among numbers counts as missing, as it does in the column's values.
    names = {text: f"{value:.15g}" for text, value in numbers.items() if np.isfinite(value)}
    if len(set(names.values())) < len(names):
        names = {text: text for text in names}
    return [names.get(text) for text in texts]
