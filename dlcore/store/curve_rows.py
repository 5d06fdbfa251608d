"""The rows of curves: points and segments as they are stored, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, groupby
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, case, func

from dlcore.records import Axis, Metric, Scope, Segment, SeriesKey
from dlcore.store.curves import Array, Spans
from dlcore.store.database import enum_member
from dlcore.store.tables import points

SEGMENT_POINTS = 4096
"""Most points in a row; a longer segment becomes several rows."""
_VALUE = np.dtype("<f4")

POINT_COLUMNS = (points.c.step, points.c.value, points.c.count, points.c.block)
"""What a row has of points."""
first_step = points.c.step - points.c.count + 1
"""The step of a row's first point."""
lowest = func.coalesce(points.c.low, points.c.value)
highest = func.coalesce(points.c.high, points.c.value)
weight = case((points.c.value.is_not(None), points.c.count), else_=0)
"""How many points a row's mean counts for."""


def of_curve(table: Table) -> ColumnElement[bool]:
    """Returns the condition for the rows of a curve, in the table of points or of ranges.

    Its parameters are those of `curve`: a statement is built once, which takes longer than to carry it out.
    """
    return and_(*(table.c[name] == bindparam(f"of_{name}") for name in ("run_id", "axis", "name", "scope")))


def curve(run_id: str, key: SeriesKey) -> dict[str, str]:
    """Returns the parameters of `of_curve`."""
    return {"of_run_id": run_id, **{f"of_{name}": of for name, of in columns_of(key).items()}}


def key_of(row: Any) -> SeriesKey:
    """Returns which curve a row belongs to."""
    return SeriesKey(row.name, enum_member(Scope, row.scope), enum_member(Axis, row.axis))


def columns_of(key: SeriesKey) -> dict[str, str]:
    """Returns the columns that say which curve of a run a row belongs to."""
    return {"axis": key.axis.value, "scope": key.scope.value, "name": key.name}


Row = tuple[Any, ...]
"""The first values of a row in the order of the columns; the others are empty."""
_STEP, _POINT = 5, 7
"""Where the step stands in a row, and how long that of a point is."""
ROWS_AT_ONCE = (500, 100, 1)
"""Rows in one statement, as many as there are: a hundred take SQLite less than half as long as one by one."""


def rows_of(run_id: str, first: int, key: SeriesKey, metrics: Iterable[Metric | Segment]) -> list[Row]:
    """Returns the rows of points and segments of one curve, the first of them under a number."""
    axis, scope, name = key.axis.value, key.scope.value, key.name
    rows: list[Row] = []
    number = first
    for metric in metrics:
        if isinstance(metric, Metric):
            value = metric.value
            kept = value if math.isfinite(value) else None
            rows.append((run_id, number, axis, scope, name, metric.step, kept))
            number += 1
            continue
        for begin in range(0, len(metric.values), SEGMENT_POINTS):
            block = _block(metric.first + begin, metric.values[begin : begin + SEGMENT_POINTS])
            rows.append((run_id, number, axis, scope, name, *block))
            number += 1
    return rows


def begin_of(metrics: Iterable[Metric | Segment]) -> float:
    """Returns the first step of points and segments, of which there is one at least."""
    return min([one.step if isinstance(one, Metric) else one.first for one in metrics])


def spans_of(rows: Sequence[Row]) -> Spans:
    """Returns what rows that are added stand for."""
    singles = [row for row in rows if len(row) == _POINT]
    steps, values = (
        np.array([row[place] for row in singles], dtype=np.float64) for place in range(_STEP, _POINT)
    )
    points_alone = Spans.of_points(steps, values)
    if len(singles) == len(rows):
        return points_alone
    blocks = [row[_STEP:-1] for row in rows if len(row) != _POINT]
    stretches = [
        (step, step - count + 1, 0 if mean is None else count, mean, low, high)
        for step, mean, count, low, high in blocks
    ]
    return Spans.joined([points_alone, Spans.of_rows(stretches)])


def head_of(row: Any, step: int) -> Row:
    """Returns a segment's row without the points beyond a step."""
    x, y = expand([(row.step, row.value, row.count, row.block)])
    return (row.run_id, row.seq, row.axis, row.scope, row.name, *_block(int(x[0]), y[x <= step]))


def insert_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Adds rows to a table.

    They go to the driver as they are: SQLAlchemy's own way would take longer than SQLite itself. And only the
    columns that they have, since each value that is handed over counts.
    """
    for length, group in groupby(rows, len):
        found, begin = list(group), 0
        for count in ROWS_AT_ONCE:
            end = begin + (len(found) - begin) // count * count
            values = [
                tuple(chain.from_iterable(found[place : place + count])) for place in range(begin, end, count)
            ]
            if values:
                connection.exec_driver_sql(_insertion(table, length, count, mark_of(connection)), values)
            begin = end


def mark_of(connection: Connection) -> str:
    """Returns how the driver marks a parameter."""
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


@cache
def _insertion(table: Table, length: int, count: int, mark: str) -> str:
    """Returns the statement that adds so many rows of so many values each."""
    names = ", ".join(column.name for column in table.columns[:length])
    row = f"({', '.join([mark] * length)})"
    return f"INSERT INTO {table.name} ({names}) VALUES {', '.join([row] * count)}"


def expand(rows: Sequence[Sequence[Any]]) -> tuple[Array, Array]:
    """Returns the points of rows of one curve, one by one; of each row the `POINT_COLUMNS`."""
    if not rows:
        return np.empty(0), np.empty(0)
    steps, values, counts, blocks = zip(*rows, strict=True)
    if not any(blocks):
        return np.array(steps, dtype=np.float64), np.array(values, dtype=np.float64)
    xs, ys = [], []
    for step, value, count, block in zip(steps, values, counts, blocks, strict=True):
        xs.append(np.arange(step - count + 1, step + 1))
        ys.append(
            np.array([value], np.float64)
            if block is None
            else np.frombuffer(block, _VALUE).astype(np.float64)
        )
    return np.concatenate(xs), np.concatenate(ys)


def _block(first: int, values: Any) -> Row:
    """Returns the columns of a segment from `step` on; infinite values are none, as NaN is."""
    kept = np.where(np.isfinite(values), values, np.nan).astype(_VALUE)
    known = kept[np.isfinite(kept)].astype(np.float64)
    mean, low, high = (known.mean(), known.min(), known.max()) if len(known) else (None, None, None)
    return (float(first + len(kept) - 1), mean, len(kept), low, high, kept.tobytes())
