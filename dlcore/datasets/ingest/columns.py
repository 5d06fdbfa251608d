"""What the columns of a table hold: decided by the whole column, never cell by cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.ingest.cell_table import CellBlock, CellColumn, CellForm
from dlcore.datasets.ingest.distinct import DistinctCount
from dlcore.datasets.ingest.missing_words import (
    NOTHING_WRITTEN,
    missing_numbers,
    missing_words,
)
from dlcore.datasets.ingest.number_summary import NumberSummary, StandIns
from dlcore.datasets.ingest.numerals import NumberFormat, number_format, parse_numbers
from dlcore.datasets.ingest.proposal import Choices, natural_order
from dlcore.datasets.ingest.texts import TextBlock, Texts
from dlcore.datasets.ingest.times import TimeFormat, parse_times, pattern_of, time_format
from dlcore.spec.data import MAX_CATEGORIES, Column, ColumnRole, ColumnType

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
_CLOCK_NAMES = re.compile(r"^(hour|hr|hh|minute|min|mm|second|sec|ss|时|小时|分|秒)s?$", re.IGNORECASE)

FEW = 20
"""A whole number with at most that many different values, each often, may be a class."""

_ENOUGH = 0.9
_LEADING_ZERO = re.compile(r"0\d+")
_LONG_NUMBER = re.compile(r"\d{16,}")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_CALENDAR = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?")
_DAY = re.compile(r"(19|20)\d{6}")
_DAY_NAMES = re.compile(r"date|datum|fecha|(^|[_\W])(day|dt|tag)([_\W]|$)|日期", re.IGNORECASE)
_EPOCH_NAMES = re.compile(
    r"(^|[_\W])(ts|epoch|unix|utc|created|updated|at|datetime|date)([_\W]|$)|time", re.IGNORECASE
)
"""What columns are called that hold seconds since 1970, if their numbers can be such."""

_MISSING_SHARE = 0.5
_MISSING_WORDS = 2
"""The share of numbers in a column, and how many different words may stand for those that are missing."""


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

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ColumnReading:
        """Restores what `to_dict` returned."""
        numbers, times = data["numbers"], data["times"]
        return cls(
            ColumnType(data["type"]),
            None if numbers is None else NumberFormat(**numbers),
            None if times is None else TimeFormat(**times),
        )


@dataclass(frozen=True)
class ColumnData:
    """What is known of a column that has been read.

    Attributes:
        column: its description.
        rows: how many there are.
        wrong: cells that were not of the column's type and count as missing.
        is_whole: whether it holds whole numbers only.
        counts: whether it holds each whole number from its lowest to its highest once.
        summary: low, mean, high and std of its numbers; empty where it has none.
        stand_in: a number that probably stands for missing ones, and how many rows have it.
    """

    column: Column
    rows: int
    wrong: int = 0
    is_whole: bool = False
    counts: bool = False
    summary: Mapping[str, float] = field(default_factory=dict)
    stand_in: tuple[float, int] | None = None


def reading_of(cells: CellColumn, choices: Choices, decimal: str = "") -> ColumnReading:
    """Returns how a column is read: its type and the one way in which its cells are written.

    Args:
        cells: of the column.
        choices: may name its type, and how dates are written.
        decimal: the mark of decimals, if that is known of the file.
    """
    chosen = choices.types.get(cells.name)
    if cells.form is CellForm.TIME:
        return ColumnReading(chosen or ColumnType.TIME)
    if cells.form is CellForm.NUMBER:
        return ColumnReading(chosen or ColumnType.NUMBER)
    known = cells.texts(missing_words(ColumnType.NUMBER, choices))
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
            return _guessed(cells, known, choices, decimal)
    return ColumnReading(chosen)


def _guessed(cells: CellColumn, known: Texts, choices: Choices, decimal: str) -> ColumnReading:
    if not known.total:
        has_texts = cells.texts(NOTHING_WRITTEN).total > 0
        return ColumnReading(ColumnType.CATEGORY if has_texts else ColumnType.NUMBER, NumberFormat())
    is_time = TIME_NAMES.match(cells.name) is not None
    is_day = is_time or (_DAY_NAMES.search(cells.name) is not None and _is_all(known, _DAY))
    numbers = number_format(known, decimal=decimal)
    if numbers is not None and not counts_time(cells.name) and names_rather_than_numbers(known):
        numbers = None
    if numbers is not None and not (is_day and _is_all(known, _CALENDAR)):
        return _numbers_or_epochs(known, numbers, is_time=_EPOCH_NAMES.search(cells.name) is not None)
    times = _times(known, choices, counts=is_time)
    if times is not None:
        return ColumnReading(ColumnType.TIME, times=times)
    if numbers is None and (numbers := _numbers_among_words(cells, known, choices, decimal)) is not None:
        return ColumnReading(ColumnType.NUMBER, numbers)
    if is_time:
        return ColumnReading(ColumnType.CATEGORY)  # times that are not understood are no texts
    return ColumnReading(ColumnType.TEXT if _is_prose(cells.name, known) else ColumnType.CATEGORY)


def counts_time(name: str) -> bool:
    """Returns whether a column is called like a part of a time, whose numbers may have zeros in front: `month`."""
    return TIME_NAMES.match(name) is not None or _CLOCK_NAMES.match(name) is not None


def _numbers_among_words(
    cells: CellColumn, known: Texts, choices: Choices, decimal: str
) -> NumberFormat | None:
    """Returns how the numbers are written of a column in which one or two words stand for missing ones."""
    words: Counter[str] = Counter()
    for block in known:
        for text, count in zip(block.texts, block.counts.tolist(), strict=True):
            if not any(map(str.isdigit, text)):
                words[text.lower()] += count
        if len(words) > _MISSING_WORDS:
            return None
    if not words or words.total() > (1 - _MISSING_SHARE) * known.total:
        return None
    rest = cells.texts(missing_words(ColumnType.NUMBER, choices) | frozenset(words))
    numbers = number_format(rest, decimal=decimal) if rest.unique > FEW else None
    return None if numbers is None or names_rather_than_numbers(rest) else numbers


def _is_all(known: Texts, shape: re.Pattern[str]) -> bool:
    return known.has_share_of_distinct(1.0, lambda texts: sum(map(bool, map(shape.fullmatch, texts))))


def _numbers_or_epochs(known: Texts, numbers: NumberFormat, *, is_time: bool) -> ColumnReading:
    """Returns numbers, but for seconds since 1970 in a column called a time."""
    times = time_format(known, counts=True) if is_time else None
    if times is not None and times.is_epoch:
        return ColumnReading(ColumnType.TIME, times=times)
    return ColumnReading(ColumnType.NUMBER, numbers)


def _times(known: Texts, choices: Choices, *, counts: bool) -> TimeFormat | None:
    if choices.date_format:
        pattern = pattern_of(choices.date_format)

        def readable(block: TextBlock) -> int:
            return int(block.counts[np.isfinite(parse_times(block.texts, pattern))].sum())

        if known.has_share(_ENOUGH, readable):
            return TimeFormat(pattern)
    return time_format(known, counts=counts)


def names_rather_than_numbers(texts: Sequence[str] | Texts) -> bool:
    """Returns whether digits name something: those with zeros in front, or too many for a number.

    Example:
        >>> names_rather_than_numbers(["007", "7", "10"]), names_rather_than_numbers(["0.5", "10"])
        (True, False)
    """
    known, odd = Texts.of(texts), False

    def digits(block: TextBlock) -> int:
        nonlocal odd
        found = 0
        for text, count in zip(block.texts, block.counts.tolist(), strict=True):
            if text.isdecimal():
                found += count
                odd = odd or bool(_LEADING_ZERO.fullmatch(text) or _LONG_NUMBER.fullmatch(text))
        return found

    return known.has_share(_ENOUGH, digits) and odd


def _is_prose(name: str, known: Texts) -> bool:
    if TEXT_NAMES.match(name):
        return True
    sample = list(known.every(max(1, known.total // 50)))
    words = float(np.mean([count_words(text) for text in sample]))
    letters = float(np.mean([len(text) for text in sample]))
    long = words >= (2 if _TITLE_NAMES.match(name) else 4) or letters >= 30
    return long and known.unique > max(FEW, known.total / 2)


def count_words(text: str) -> float:
    """Returns how many words a text has; of Chinese and Japanese about every second character is one.

    Example:
        >>> count_words("a cat"), count_words("今天天气好")
        (2, 2.5)
    """
    wide = len(_WIDE.findall(text))
    return len(_WIDE.sub(" ", text).split()) + wide / 2 if wide else len(text.split())


def read_column(cells: CellColumn, reading: ColumnReading, role: ColumnRole, choices: Choices) -> ColumnData:
    """Returns what is known of a column that is read so."""
    if reading.type in (ColumnType.NUMBER, ColumnType.TIME):
        return _read_numbers(cells, reading, role, choices)
    unique, said = DistinctCount(), 0
    known: set[str] = set()
    for block in cells.texts(missing_words(reading.type, choices)):
        unique.add(np.array(block.texts, dtype=object), block.total)
        said += block.total
        if reading.type is ColumnType.CATEGORY and len(known) <= MAX_CATEGORIES:
            known.update(block.texts)
    listed = natural_order(known) if len(known) <= MAX_CATEGORIES else ()
    column = Column(cells.name, reading.type, role, listed, unique.count, cells.rows - said)
    return ColumnData(column, cells.rows)


def _read_numbers(
    cells: CellColumn, reading: ColumnReading, role: ColumnRole, choices: Choices
) -> ColumnData:
    unique, summary, stand_ins, wrong = DistinctCount(), NumberSummary(), StandIns(), 0
    for block in cells.blocks():
        given = block.known(missing_words(reading.type, choices))
        texts = TextBlock(block.texts, block.codes) if _is_typed(block, reading) else given
        numbers = _numbers_of(block, texts, reading, choices)
        finite = np.isfinite(numbers)
        read = int(texts.counts[finite].sum())
        unique.add(numbers[finite], read)
        summary.add(numbers[finite], texts.counts[finite])
        stand_ins.add(numbers[finite], texts.counts[finite])
        wrong += max(0, given.total - read)
    column = Column(cells.name, reading.type, role, (), unique.count, cells.rows - summary.count)
    counts = (
        reading.type is ColumnType.NUMBER
        and unique.count == summary.count == cells.rows > 2
        and summary.high - summary.low == cells.rows - 1
        and summary.whole
    )
    found = stand_ins.found if reading.type is ColumnType.NUMBER else None
    return ColumnData(column, cells.rows, wrong, summary.whole, counts, summary.to_dict(), found)


def _is_typed(block: CellBlock, reading: ColumnReading) -> bool:
    """Returns whether the file itself knows the numbers or times."""
    form = CellForm.NUMBER if reading.type is ColumnType.NUMBER else CellForm.TIME
    return block.form is form


def _numbers_of(
    block: CellBlock, texts: TextBlock, reading: ColumnReading, choices: Choices
) -> npt.NDArray[np.float64]:
    """(texts,) numbers, or times in seconds since 1970."""
    if _is_typed(block, reading):
        return np.where(np.isin(block.numbers, missing_numbers(choices)), np.nan, block.numbers)
    if reading.type is ColumnType.NUMBER:
        return parse_numbers(texts.texts, reading.numbers or NumberFormat())
    if reading.times is None:
        return np.full(len(texts.texts), np.nan)
    return parse_times(texts.texts, reading.times.pattern)


def block_numbers(block: CellBlock, reading: ColumnReading, choices: Choices) -> npt.NDArray[np.float64]:
    """(rows,) the numbers of a block, or its times in seconds since 1970; NaN where there is none."""
    if _is_typed(block, reading):
        every = TextBlock(block.texts, block.codes)
        return every.take(_numbers_of(block, every, reading, choices))
    texts = block.known(missing_words(reading.type, choices))
    return texts.take(_numbers_of(block, texts, reading, choices))


class ColumnLabels:
    """The cells of a column as names: of classes, users, items or groups.

    A whole number that was written as `3.0` is called `3`, unless two names would become one.

    Args:
        cells: of the column.
        reading: how they are read.
        choices: may name words that say nothing.
    """

    def __init__(self, cells: CellColumn, reading: ColumnReading, choices: Choices) -> None:
        self._cells, self._reading = cells, reading
        self._missing = missing_words(ColumnType.CATEGORY, choices)

    def texts(self) -> Texts:
        """Returns all of them, without those that say nothing."""
        return Texts(lambda: map(self.block, self._cells.blocks()))

    def block(self, cells: CellBlock) -> TextBlock:
        """Returns the names of a block of cells."""
        texts = cells.known(self._missing)
        if self._reading.type is not ColumnType.NUMBER:
            return texts
        # A word among numbers counts as missing, as it does in the column's values.
        numbers = self._numbers(cells, texts)
        known = np.flatnonzero(np.isfinite(numbers))
        places = np.full(len(numbers) + 1, -1, np.int32)
        places[known] = np.arange(len(known))
        names = (
            _short_names(numbers[known]) if self._are_short else [texts.texts[int(place)] for place in known]
        )
        return TextBlock(names, places[texts.codes])

    @cached_property
    def _are_short(self) -> bool:
        """Whether numbers are called by their values, not as they are written."""
        written, names, differ = DistinctCount(), DistinctCount(), False
        for block in self._cells.blocks():
            texts = block.known(self._missing)
            numbers = self._numbers(block, texts)
            known = np.isfinite(numbers)
            count = int(texts.counts[known].sum())
            long = np.array(texts.texts, dtype=object)[known]
            short = np.array(_short_names(numbers[known]), dtype=object)
            differ = differ or bool((long != short).any())
            written.add(long, count)
            names.add(short, count)
        return differ and written.count == names.count

    def _numbers(self, cells: CellBlock, texts: TextBlock) -> npt.NDArray[np.float64]:
        if _is_typed(cells, self._reading):
            known = dict(zip(cells.texts, cells.numbers.tolist(), strict=True))
            return np.array([known[text] for text in texts.texts], np.float64)
        return parse_numbers(texts.texts, self._reading.numbers or NumberFormat())


def _short_names(numbers: npt.NDArray[np.float64]) -> list[str]:
    return [f"{value:.15g}" for value in numbers.tolist()]
