"""The rows of curves: points and segments as they are stored, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, case, func

from dlcore.records import Axis, Metric, Scope, Segment, SeriesKey
from dlcore.store.curves import Array
from dlcore.store.database import enum_member
from dlcore.store.tables import points

SEGMENT_POINTS = 4096
"""Most points in a row; a longer segment becomes several rows."""
_VALUE = np.dtype("<f4")

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
"""The values of a row in the order of the columns, from `axis` on; a point's end with `value`, the others are empty."""


def rows_of(key: SeriesKey, metrics: Iterable[Metric | Segment]) -> list[Row]:
    """Returns the rows of points and segments of one curve."""
    curve = (key.axis.value, key.scope.value, key.name)
    rows: list[Row] = []
    for metric in metrics:
        if isinstance(metric, Metric):
            value = metric.value
            rows.append((*curve, metric.step, value if math.isfinite(value) else None))
            continue
        for begin in range(0, len(metric.values), SEGMENT_POINTS):
            values = metric.values[begin : begin + SEGMENT_POINTS]
            rows.append((*curve, *_block(metric.first + begin, values)))
    return rows


def begin_of(metrics: Iterable[Metric | Segment]) -> float:
    """Returns the first step of points and segments, of which there is one at least."""
    return min([one.step if isinstance(one, Metric) else one.first for one in metrics])


def head_of(row: Any, step: int) -> Row:
    """Returns a segment's row without the points beyond a step."""
    x, y = expand([row])
    return (row.axis, row.scope, row.name, *_block(int(x[0]), y[x <= step]))


def insert_rows(connection: Connection, run_id: str, rows: Iterable[tuple[int, Row]]) -> None:
    """Adds rows under their numbers.

    They go to the driver as they are: SQLAlchemy's own way would take longer than SQLite itself. And only the
    columns that they have, since each value that is handed over counts.
    """
    of_length: dict[int, list[Row]] = {}
    for number, row in rows:
        of_length.setdefault(len(row), []).append((run_id, number, *row))
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    for length, found in of_length.items():
        names = [column.name for column in points.columns][: length + 2]
        into = f"INSERT INTO points ({', '.join(names)}) VALUES ({', '.join(mark for _ in names)})"
        connection.exec_driver_sql(into, found)


def expand(rows: Sequence[Any]) -> tuple[Array, Array]:
    """Returns the points of rows of one curve, one by one."""
    xs, ys = [np.empty(0)], [np.empty(0)]
    for row in rows:
        if row.block is None:
            xs.append(np.array([row.step]))
            ys.append(np.array([math.nan if row.value is None else row.value]))
        else:
            xs.append(np.arange(row.step - row.count + 1, row.step + 1))
            ys.append(np.frombuffer(row.block, _VALUE).astype(np.float64))
    return np.concatenate(xs), np.concatenate(ys)


def _block(first: int, values: Any) -> Row:
    """Returns the columns of a segment from `step` on; infinite values are none, as NaN is."""
    kept = np.where(np.isfinite(values), values, np.nan).astype(_VALUE)
    known = kept[np.isfinite(kept)].astype(np.float64)
    mean, low, high = (known.mean(), known.min(), known.max()) if len(known) else (None, None, None)
    return (float(first + len(kept) - 1), mean, len(kept), low, high, kept.tobytes())
