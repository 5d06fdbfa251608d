"""Years beside months or quarters, which together are a time; and what times there are twice or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dlcore.datasets.clean.times import missing_rows
from dlcore.datasets.ingest.cell_table import CellForm, CellTable
from dlcore.datasets.ingest.numerals import parse_plain
from dlcore.errors import N_, Message

_YEARS = re.compile(r"^(year|yr|yyyy|年|年份)$", re.IGNORECASE)
_PARTS = {
    re.compile(r"^(month|mon|mm|月|月份)$", re.IGNORECASE): (12, "{year}-{part:02}"),
    re.compile(r"^(quarter|qtr|q|季度)$", re.IGNORECASE): (4, "{year}-Q{part}"),
}


def add_calendar(table: CellTable) -> Message | None:
    """Makes one column of year and month, or of year and quarter, in front; returns a note of it, if there is one."""
    names = table.names
    year = next((name for name in names if _YEARS.match(name)), None)
    for pattern, (most, form) in _PARTS.items():
        part = next((name for name in names if pattern.match(name)), None)
        if year is None or part is None or f"{year}-{part}" in names:
            continue
        if not (_whole_within(table, year, 1000, 2999) and _whole_within(table, part, 1, most)):
            continue
        name = f"{year}-{part}"
        table.put_first(name, _dates(table, year, part, form))
        return Message(
            N_("columns {year} and {part} are also read as one time, {name}."),
            params={"year": year, "part": part, "name": name},
        )
    return None


def _dates(table: CellTable, year: str, part: str, form: str) -> Iterator[pa.Array]:
    """Yields the times of which years and their parts consist, block by block."""
    for years, parts in zip(_numbers(table, year), _numbers(table, part), strict=True):
        pairs = zip(years.tolist(), parts.tolist(), strict=True)
        yield pa.array([form.format(year=int(one), part=int(two)) for one, two in pairs], pa.large_string())


def _numbers(table: CellTable, name: str) -> Iterator[npt.NDArray[np.float64]]:
    """Yields the numbers of a column as a program writes them, block by block."""
    for block in table.column(name).blocks():
        values = parse_plain(block.texts) if block.form is CellForm.TEXT else block.numbers
        yield np.append(values, np.nan)[block.codes]


def _whole_within(table: CellTable, name: str, low: int, high: int) -> bool:
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
