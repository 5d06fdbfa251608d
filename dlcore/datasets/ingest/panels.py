"""Several series in one table: which columns tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.ingest.columns import TIME_NAMES, ColumnData
from dlcore.spec.data import Column, ColumnRole, ColumnType

Codes = npt.NDArray[np.int64]

_SHORTEST = 10
"""Rows of a series, on average, from which a column is proposed to tell series apart."""

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


def find_panel(data: Mapping[str, ColumnData], chosen: Mapping[str, ColumnRole]) -> Panel | None:
    """Returns what tells the series of a table apart; None if it holds only one, or none.

    Its times come again, and with the groups each of them comes once.

    Args:
        data: the columns by name, those left out that only number the rows.
        chosen: the roles that were chosen, by name; a column with another role tells no series apart.
    """
    columns = [one.column for one in data.values()]
    time = next((c for c in columns if chosen.get(c.name) is ColumnRole.TIME), None) or time_of(columns)
    if time is None:
        return None
    moments = _codes(data[time.name].values)
    if _distinct(moments) == len(moments):
        return None
    for names in _candidates(data, time, chosen):
        groups = joined_codes([_codes(data[name].values) for name in names])
        if _tells_apart(groups, moments):
            others = {c.name for c in columns} - {time.name, *names}
            return Panel(names, frozenset(name for name in others if _is_fixed(data[name], groups)))
    return None


def _is_fixed(one: ColumnData, groups: Codes) -> bool:
    return _distinct(joined_codes([groups, _codes(one.values)])) == _distinct(groups)


def _candidates(
    data: Mapping[str, ColumnData], time: Column, chosen: Mapping[str, ColumnRole]
) -> Iterator[tuple[str, ...]]:
    """Yields what may name a series: the columns whose role it is, else each column alone, then each two."""
    told = tuple(name for name in data if chosen.get(name) is ColumnRole.GROUP)
    if told:
        yield told
        return
    able = [
        one.column
        for name, one in data.items()
        if name != time.name and name not in chosen and _may_name(one)
    ]
    able.sort(key=lambda column: (column.type is not ColumnType.CATEGORY, column.unique))
    for size in (1, 2):
        yield from combinations([column.name for column in able[:_TRIED]], size)


def _may_name(one: ColumnData) -> bool:
    """Returns whether the values of a column may be names that come again: categories, or whole numbers."""
    column, rows = one.column, len(one.values)
    if column.missing or not 2 <= column.unique <= rows / _SHORTEST:
        return False
    if column.type is ColumnType.NUMBER:
        return bool((one.values % 1 == 0).all())
    return column.type is ColumnType.CATEGORY


def _tells_apart(groups: Codes, moments: Codes) -> bool:
    series, times = _distinct(groups), _distinct(moments)
    once = _distinct(joined_codes([groups, moments]))
    rows = len(groups)
    return (
        series > 1
        and rows >= _SHORTEST * series
        and once >= _ONCE * rows
        and rows >= _FILLED * series * times
    )


def series_codes(columns: Iterable[Column], data: Mapping[str, ColumnData]) -> Codes | None:
    """(rows,) which series each row is of, by the columns with the role of a group; None if none has it."""
    groups = [_codes(data[column.name].values) for column in columns if column.role is ColumnRole.GROUP]
    return joined_codes(groups) if groups else None


def _codes(values: npt.NDArray[Any]) -> Codes:
    """(rows,) equal numbers for equal values; what is missing is a value like others."""
    return np.asarray(pd.factorize(values, use_na_sentinel=False)[0], np.int64)


def joined_codes(codes: list[Codes]) -> Codes:
    """(rows,) equal numbers where all of some columns are equal.

    Example:
        >>> joined_codes([np.array([0, 0, 1, 1]), np.array([0, 1, 0, 0])]).tolist()
        [0, 1, 2, 2]
    """
    first, *others = codes
    for other in others:
        first = np.unique(first * (int(other.max(initial=0)) + 1) + other, return_inverse=True)[1]
    return first


def _distinct(codes: Codes) -> int:
    return len(np.unique(codes))
