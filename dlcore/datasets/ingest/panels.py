"""Several series in one table: which columns tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from dlcore.datasets.ingest.columns import TIME_NAMES, ColumnData
from dlcore.datasets.ingest.distinct import DistinctCount, Hashes
from dlcore.datasets.ingest.proposal import Doubt
from dlcore.datasets.ingest.table_values import OpenTable
from dlcore.errors import N_, Message
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind

Codes = npt.NDArray[np.int64]

_SHORTEST = 10
"""Rows of a series, on average, from which a column is proposed to tell series apart."""

_SHORTEST_SO_FAR = 2
"""The same of a table in the order of time of which only the first rows were looked at: more will come."""

_MIXED = 0.25
"""The share of times that come again from which one series is probably several."""

_FILLED = 0.3
"""The share of all pairs of series and time that the table has: a table of single events has few of them."""

_ONCE = 0.99
"""The share of these pairs that come only once."""

_TRIED = 8
"""Columns that are tried, alone and in pairs."""


@dataclass(frozen=True)
class Panel:
    """What tells several series of a table apart.

    Attributes:
        groups: the columns whose values together name a series.
        fixed: other columns whose value never changes within a series.
    """

    groups: tuple[str, ...]
    fixed: frozenset[str] = frozenset()


def time_of(columns: Iterable[Column]) -> Column | None:
    """Returns the column that orders the rows of a series: one of times, or of numbers called so."""
    understood = [c for c in columns if c.type in (ColumnType.NUMBER, ColumnType.TIME)]
    called = (c for c in understood if TIME_NAMES.match(c.name))
    return next((c for c in understood if c.type is ColumnType.TIME), None) or next(called, None)


def find_panel(
    table: OpenTable, numbering: frozenset[str], chosen: Mapping[str, ColumnRole], *, whole: bool
) -> Panel | None:
    """Returns what tells the series of a table apart; None if it holds only one, or none.

    Its times come again, and with the groups each of them comes once.

    Args:
        table: has been read.
        numbering: columns that only number the rows.
        chosen: the roles that were chosen, by name; a column with another role tells no series apart.
        whole: whether these are all its rows.
    """
    data = {name: one for name, one in table.reading.data.items() if name not in numbering}
    columns = [one.column for one in data.values()]
    time = next((c for c in columns if chosen.get(c.name) is ColumnRole.TIME), None) or time_of(columns)
    if time is None or _values(time) == table.rows:
        return None
    shortest = _SHORTEST if whole or not is_ordered(table, time) else _SHORTEST_SO_FAR
    for names in _candidates(data, time, chosen, shortest):
        if _tells_apart(table, names, time, shortest):
            others = {c.name for c in columns} - {time.name, *names}
            return Panel(names, frozenset(name for name in others if _is_fixed(table, name, names)))
    return None


def mixed_series(columns: Iterable[Column], kind: DataKind, rows: int) -> tuple[Doubt, ...]:
    """Returns the doubt about a series whose times come again and again, though nothing tells several apart."""
    roles = {column.role: column for column in columns}
    time = roles.get(ColumnRole.TIME)
    if kind is not DataKind.SERIES or time is None or ColumnRole.GROUP in roles:
        return ()
    known = rows - time.missing
    if known - time.unique <= _MIXED * known:
        return ()
    message = Message(
        N_("many times in column {column} come again, so the rows of several series may be mixed."),
        N_("Give the column that tells the series apart the role of a group."),
        params={"column": time.name},
    )
    return (Doubt("mixed-series", message),)


def is_ordered(table: OpenTable, time: Column) -> bool:
    """Returns whether the rows are in the order of time, so that those that follow hold later times."""
    last = -np.inf
    for times in table.numbers(time.name):
        known = np.append(last, times[np.isfinite(times)])
        if (np.diff(known) < 0).any():
            return False
        last = float(known[-1])
    return True


def _values(column: Column) -> int:
    """Returns how many different values a column has; what is missing is one like others."""
    return column.unique + bool(column.missing)


def _is_fixed(table: OpenTable, name: str, groups: tuple[str, ...]) -> bool:
    series, pairs = DistinctCount(), DistinctCount()
    for own, both in zip(table.hashes(groups), table.hashes((*groups, name)), strict=True):
        series.add_hashes(own, len(own))
        pairs.add_hashes(both, len(both))
        if pairs.count > series.count:
            return False
    return True


def _candidates(
    data: Mapping[str, ColumnData], time: Column, chosen: Mapping[str, ColumnRole], shortest: int
) -> Iterator[tuple[str, ...]]:
    """Yields what may name a series: the columns whose role it is, else each column alone, then each two."""
    told = tuple(name for name in data if chosen.get(name) is ColumnRole.GROUP)
    if told:
        yield told
        return
    able = [
        one.column
        for name, one in data.items()
        if name != time.name and name not in chosen and _may_name(one, shortest)
    ]
    able.sort(key=lambda column: (column.type is not ColumnType.CATEGORY, column.unique))
    for size in (1, 2):
        yield from combinations([column.name for column in able[:_TRIED]], size)


def _may_name(one: ColumnData, shortest: int) -> bool:
    """Returns whether the values of a column may be names that come again: categories, or whole numbers."""
    column = one.column
    if column.missing or not 2 <= column.unique <= one.rows / shortest:
        return False
    return one.is_whole if column.type is ColumnType.NUMBER else column.type is ColumnType.CATEGORY


def _tells_apart(table: OpenTable, groups: tuple[str, ...], time: Column, shortest: int) -> bool:
    series, pairs, passed = DistinctCount(), DistinctCount(), 0
    for own, both in zip(table.hashes(groups), table.hashes((*groups, time.name)), strict=True):
        series.add_hashes(own, len(own))
        pairs.add_hashes(both, len(both))
        passed += len(own)
        again, most = passed - pairs.count, (1 - _ONCE) * table.rows
        if again > most or series.count * shortest > table.rows:
            return False  # whatever the rest is
    return series.count > 1 and table.rows >= _FILLED * series.count * _values(time)


def series_blocks(columns: Iterable[Column], table: OpenTable) -> Iterator[Codes] | None:
    """Returns (rows,) which series each row is of, block by block; None if no column has the role of a group."""
    groups = [column.name for column in columns if column.role is ColumnRole.GROUP]
    return _numbered(table.hashes(groups)) if groups else None


def _numbered(blocks: Iterator[Hashes]) -> Iterator[Codes]:
    """Yields the same number for the same hash, from 0."""
    known: dict[int, int] = {}
    for hashes in blocks:
        different, places = np.unique(hashes, return_inverse=True)
        numbers = [known.setdefault(one, len(known)) for one in different.tolist()]
        yield np.array(numbers, np.int64)[places]


def series_lengths(columns: Iterable[Column], table: OpenTable) -> list[int] | None:
    """Returns how many rows each series has; None if there is only one."""
    blocks = series_blocks(columns, table)
    if blocks is None:
        return None
    lengths = Counter[int]()
    for block in blocks:
        lengths.update(dict(enumerate(np.bincount(block).tolist())))
    return list(lengths.values())
