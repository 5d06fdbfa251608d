"""Columns that together are one time, such as year and month; and what times there are twice or not at all."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dlcore.datasets.clean.times import missing_rows
from dlcore.datasets.ingest.cell_table import CellForm, CellTable
from dlcore.datasets.ingest.numerals import parse_plain
from dlcore.datasets.ingest.times import time_format
from dlcore.errors import N_, Message

_YEARS = re.compile(r"^(year|yr|yyyy|jahr|année|annee|año|ano|anno|年|年份)$", re.IGNORECASE)
_HOURS = re.compile(r"^(hour|hr|hh|stunde|heure|hora|时|小时)$", re.IGNORECASE)
_MONTHS_AND_DAYS = (
    (re.compile(r"^(month|mon|mo|mm|mnth|monat|mois|mes|mese|月|月份)$", re.IGNORECASE), 1, 12),
    (re.compile(r"^(day|dy|dd|mday|day_?of_?month|tag|jour|día|dia|giorno|日|天)$", re.IGNORECASE), 1, 31),
    (_HOURS, 0, 23),
)
_QUARTERS = ((re.compile(r"^(quarter|qtr|q|quartal|季度)$", re.IGNORECASE), 1, 4),)
_FORMS = {2: "{0}-{1:02}", 3: "{0}-{1:02}-{2:02}", 4: "{0}-{1:02}-{2:02} {3:02}:00"}
_BY_NAME = {
    **{f"q{number}": str(number) for number in range(1, 5)},
    **{name.lower(): str(number) for number, name in enumerate(calendar.month_name) if name},
    **{name.lower(): str(number) for number, name in enumerate(calendar.month_abbr) if name},
}
"""What is written for the number of a month or a quarter."""


_DAYS = re.compile(r"^(date|day|datum|fecha|data|dteday|日期|.*[_ ]date)$", re.IGNORECASE)
_CLOCKS = re.compile(
    r"^(time|hour|hr|clock|uhrzeit|zeit|heure|hora|ora|时间|时刻|時刻|.*[_ ]time)$", re.IGNORECASE
)
_ENOUGH, _DAYS_SHOWN = 0.99, 50
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?")


def add_calendar(table: CellTable) -> Message | None:
    """Makes one column, in front, of two that together are a time; returns a note of it, if there are such."""
    return _add_parts(table) or _add_clock(table)


def _add_clock(table: CellTable) -> Message | None:
    """Makes one column of a date and a time of the day, or an hour."""
    names = table.names
    for day, clock in pairwise(names):
        if f"{day} {clock}" in names or not _DAYS.match(day) or not _CLOCKS.match(clock):
            continue
        hours = bool(_HOURS.match(clock)) and _within(table, clock, 0, 23)
        if _are_days(table, day) and (hours or _are_clocks(table, clock)):
            name = f"{day} {clock}"
            table.put_first(name, _moments(table, day, clock, hours=hours))
            return _joined_note(day, clock, name)
    return None


def _are_days(table: CellTable, name: str) -> bool:
    """Returns whether the cells are dates without a time of the day."""
    column = table.column(name)
    written = None if column.form is not CellForm.TEXT else time_format(column.texts(frozenset({""})))
    if written is None:
        return False
    first = column.texts(frozenset({""})).first(_DAYS_SHOWN)
    return written.is_iso or "%d" in written.pattern if not any(":" in text for text in first) else False


def _are_clocks(table: CellTable, name: str) -> bool:
    column = table.column(name)
    if column.form is not CellForm.TEXT or not table.rows:
        return False
    return column.texts(frozenset({""})).has_share_of_distinct(
        _ENOUGH, lambda texts: sum(_CLOCK.fullmatch(text) is not None for text in texts)
    )


def _moments(table: CellTable, day: str, clock: str, *, hours: bool) -> Iterator[pa.Array]:
    """Yields the times of which dates and times of the day consist, block by block."""
    for days, clocks in zip(table.column(day).blocks(), table.column(clock).blocks(), strict=True):
        first = [*days.texts, None]
        second = [_plain_clock(f"{float(text):.0f}:00" if hours else text) for text in clocks.texts]
        cells = (
            (first[one], None if two < 0 else second[two])
            for one, two in zip(days.codes.tolist(), clocks.codes.tolist(), strict=True)
        )
        yield pa.array(
            [None if one is None or two is None else f"{one} {two}" for one, two in cells], pa.large_string()
        )


def _plain_clock(text: str) -> str | None:
    """Returns a time of the day as most write it.

    Example:
        >>> _plain_clock("18.00.00"), _plain_clock("7:30 pm"), _plain_clock("noon")
        ('18:00:00', '07:30:00 pm', None)
    """
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute, second, half = found.groups()
    return f"{int(hour):02}:{minute}:{second or '00'}" + (f" {half.strip().replace('.', '')}" if half else "")


def _joined_note(first: str, second: str, name: str) -> Message:
    return Message(
        N_("columns {first} and {second} are also read as one time, {name}."),
        params={"first": first, "second": second, "name": name},
    )


def _add_parts(table: CellTable) -> Message | None:
    """Makes one column of year and month, with day and hour if there are such, or of year and quarter."""
    names = table.names
    year = next((name for name in names if _YEARS.match(name)), None)
    if year is None or not _within(table, year, 1000, 2999):
        return None
    for parts in (_MONTHS_AND_DAYS, _QUARTERS):
        told = [year]
        for pattern, low, most in parts:
            found = next((name for name in names if pattern.match(name)), None)
            if found is None or not _within(table, found, low, most):
                break
            told.append(found)
        if len(told) > 1 and (name := "-".join(told)) not in names:
            form = "{0}-Q{1}" if parts is _QUARTERS else _FORMS[len(told)]
            table.put_first(name, _dates(table, told, form))
            return _joined_note(", ".join(told[:-1]), told[-1], name)
    return None


def _dates(table: CellTable, names: Sequence[str], form: str) -> Iterator[pa.Array]:
    """Yields the times of which years and their parts consist, block by block."""
    for columns in zip(*(_numbers(table, name) for name in names), strict=True):
        rows = zip(*(column.tolist() for column in columns), strict=True)
        yield pa.array([form.format(*map(int, row)) for row in rows], pa.large_string())


def _numbers(table: CellTable, name: str) -> Iterator[npt.NDArray[np.float64]]:
    """Yields the numbers of a column as a program writes them, block by block."""
    for block in table.column(name).blocks():
        texts = [_BY_NAME.get(text.lower(), text) for text in block.texts]
        values = parse_plain(texts) if block.form is CellForm.TEXT else block.numbers
        yield np.append(values, np.nan)[block.codes]


def _within(table: CellTable, name: str, low: int, high: int) -> bool:
    return bool(table.rows) and all(
        bool(((values >= low) & (values <= high) & (values % 1 == 0)).all())
        for values in _numbers(table, name)
    )


def irregular_times(
    name: str, times: npt.NDArray[np.float64], series: npt.NDArray[np.int64] | None = None
) -> Iterator[Message]:
    """Yields what to know of the times of a series: those that come again, and those that are missing.

    Args:
        name: of the column.
        times: in seconds, in any order.
        series: which of several series each row is of; None: there is one.
    """
    known = np.isfinite(times)
    own = np.zeros(len(times), np.int64) if series is None else series
    order = np.flatnonzero(known)[np.lexsort((times[known], own[known]))]
    ordered, own = times[order], own[order]
    if repeated := int(((np.diff(ordered) == 0) & (np.diff(own) == 0)).sum()):
        yield Message(
            N_("times in column {column} that come again: {count}; their rows follow each other."),
            N_(
                "If they are of several series, give the column that tells them apart the role of a group; else "
                "RegularTimes in the cleaning takes their mean or the first."
            ),
            params={"column": name, "count": repeated},
        )
    if gaps := int((missing_rows(ordered, own) > 0).sum()):
        yield Message(
            N_("gaps in the times of column {column}: {count}; the rows around a gap count as neighbours."),
            N_("RegularTimes in the cleaning adds the missing rows."),
            params={"column": name, "count": gaps},
        )
