"""Curves: appended by the run's one writer, read by cursor and by window.

A row holds one point, or a segment: consecutive points, such as the losses of the batches between two
reports, as four bytes each. So every batch's loss is kept, and a run of a million batches takes 4 MB
and a row for each report. Beside its values a segment has their lowest, highest and mean, from which
long curves are thinned without reading the values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Integer, and_, case, cast, delete, func, insert, or_, select

from dlcore.records import Axis, Metric, Scope, Segment, SeriesKey
from dlcore.store.curves import Array, Curve, Means, thin
from dlcore.store.database import Database, enum_member
from dlcore.store.tables import points

ATTEMPT_SPAN = 1_000_000_000
"""Numbers of rows an attempt has to itself: a rewound curve never uses a number twice."""
SEGMENT_POINTS = 4096
"""Most points in a row; a longer segment becomes several rows."""
_VALUE = np.dtype("<f4")
_first = points.c.step - points.c.count + 1
"""The step of a row's first point."""


@dataclass(frozen=True)
class News:
    """What came after a cursor, and the cursor to ask with next time.

    Attributes:
        more: whether there is more than was asked for.
    """

    cursor: int
    curves: Mapping[SeriesKey, Curve]
    more: bool = False

    @property
    def attempt(self) -> int:
        """The attempt that wrote the newest point; another than last time may have rewound the curves."""
        return self.cursor // ATTEMPT_SPAN


class Metrics:
    """The curves of a store's runs.

    A run has one writer, so each point gets the next number of its run: a cursor costs no lock, and
    what is new since it is found by the primary key, however long the history.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(
        self, run_id: str, cursor: int, *, axis: Axis, limit: int = 20_000, buckets: int = 1_000
    ) -> News:
        """Returns what is new since a cursor; 0 asks for all there is, the oldest first.

        Args:
            run_id: whose curves.
            cursor: of the last answer.
            axis: what the x counts.
            limit: most rows to read.
            buckets: a curve of more than twice as many new points is thinned.
        """
        here = and_(points.c.run_id == run_id, points.c.seq > cursor)
        query = select(points).where(here, points.c.axis == axis.value)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(points.c.seq).limit(limit)).all()
            more = len(rows) == limit
            cursor = rows[-1].seq if more else max(cursor, _last(connection, run_id))
        found: dict[SeriesKey, list[Any]] = {}
        for row in rows:
            found.setdefault(_key(row), []).append(row)
        curves = {key: thin(*_expanded(of_key), buckets) for key, of_key in found.items()}
        return News(cursor, curves, more)

    def overview(self, run_id: str, *, axis: Axis, buckets: int = 1_000) -> News:
        """Returns all curves of an axis, the long ones thinned, and the cursor from which to continue."""
        with self._database.read() as connection:
            keys = [key for key in _series(connection, run_id) if key.axis is axis]
            found = {key: _window(connection, _of(run_id, key), buckets) for key in keys}
            return News(_last(connection, run_id), found)

    def series(self, run_id: str) -> tuple[SeriesKey, ...]:
        """Returns which curves a run has."""
        with self._database.read() as connection:
            return _series(connection, run_id)

    def window(
        self,
        run_id: str,
        key: SeriesKey,
        *,
        low: float | None = None,
        high: float | None = None,
        buckets: int = 1_000,
    ) -> Curve:
        """Returns a range of a curve in at most `2 · buckets` points: each bucket's lowest and highest.

        The thinning happens in the database, so a spike is never lost and little is read.
        """
        here = _of(run_id, key)
        if low is not None:
            here = and_(here, points.c.step >= low)
        if high is not None:
            # A segment is found by its last step, and may begin before `high`.
            here = and_(here, points.c.step <= high + SEGMENT_POINTS, _first <= high)
        with self._database.read() as connection:
            return _window(connection, here, buckets, low=low, high=high)

    def points(self, run_id: str, axis: Axis | None = None) -> dict[SeriesKey, tuple[Array, Array]]:
        """Returns every point of a run's curves: the steps and the values, NaN where one was not finite.

        Args:
            run_id: which run.
            axis: only of the curves over this; by default of all.
        """
        with self._database.read() as connection:
            found = {}
            for key in _series(connection, run_id):
                if axis not in (None, key.axis):
                    continue
                rows = connection.execute(select(points).where(_of(run_id, key)).order_by(points.c.step))
                found[key] = _expanded(rows.all())
        return found

    def epoch_curve(self, run_id: str, name: str) -> Array:
        """Returns a metric epoch by epoch, on the validation part if any, for a sparkline."""
        for scope in (Scope.VALIDATION, Scope.TRAIN):
            curve = self.window(run_id, SeriesKey(name, scope, Axis.EPOCH), buckets=50)
            if len(curve.y):
                return curve.y
        return np.empty(0)


def add_points(
    connection: Connection, run_id: str, attempt: int, metrics: Iterable[Metric | Segment]
) -> None:
    """Adds points to a run's curves, each row under the next number of its run."""
    rows = [row for metric in metrics for row in _rows(metric)]
    if rows:
        last = max(_last(connection, run_id), attempt * ATTEMPT_SPAN)
        numbered = [
            {**row, "run_id": run_id, "seq": last + number} for number, row in enumerate(rows, start=1)
        ]
        connection.execute(insert(points), numbered)


def drop_points(connection: Connection, run_id: str, *, epoch: int, step: int) -> None:
    """Drops what is beyond the state that a run continues from."""
    here = points.c.run_id == run_id
    by_epoch, by_batch = points.c.axis == Axis.EPOCH.value, points.c.axis == Axis.BATCH.value
    # The test part is measured at the end of each attempt, so that of this state again too.
    is_test = points.c.scope == Scope.TEST.value
    beyond = or_(
        and_(by_epoch, points.c.step > epoch),
        and_(by_epoch, is_test, points.c.step >= epoch),
        and_(by_batch, points.c.step > step),
        and_(by_batch, is_test, points.c.step >= step),
    )
    across = select(points).where(here, by_batch, points.c.step > step, _first <= step)
    heads = [_head(row, step) for row in connection.execute(across)]
    connection.execute(delete(points).where(here, beyond))
    if heads:
        connection.execute(insert(points), heads)


def _rows(metric: Metric | Segment) -> list[dict[str, Any]]:
    """Returns the rows of a point or of a segment, all with the same columns."""
    if isinstance(metric, Metric):
        value = metric.value if math.isfinite(metric.value) else None
        return [{**_named(metric.key), **_ONE, "step": metric.step, "value": value}]
    return [
        {**_named(metric.key), **_block(metric.first + begin, metric.values[begin : begin + SEGMENT_POINTS])}
        for begin in range(0, len(metric.values), SEGMENT_POINTS)
    ]


_ONE = {"count": 1, "low": None, "high": None, "block": None}
"""What a row of one point leaves out."""


def _named(key: SeriesKey) -> dict[str, str]:
    return {"axis": key.axis.value, "scope": key.scope.value, "name": key.name}


def _block(first: int, values: Any) -> dict[str, Any]:
    """Returns the columns of a segment; infinite values are none, as NaN is."""
    kept = np.where(np.isfinite(values), values, np.nan).astype(_VALUE)
    known = kept[np.isfinite(kept)].astype(np.float64)
    return {
        "step": float(first + len(kept) - 1),
        "count": len(kept),
        "value": known.mean() if len(known) else None,
        "low": known.min() if len(known) else None,
        "high": known.max() if len(known) else None,
        "block": kept.tobytes(),
    }


def _head(row: Any, step: int) -> dict[str, Any]:
    """Returns a segment's row without the points beyond a step."""
    x, y = _expanded([row])
    block = _block(int(x[0]), y[x <= step])
    return {**_named(_key(row)), **block, "run_id": row.run_id, "seq": row.seq}


def _window(
    connection: Connection,
    here: ColumnElement[bool],
    buckets: int,
    *,
    low: float | None = None,
    high: float | None = None,
) -> Curve:
    extent = select(func.count(), func.min(points.c.step), func.max(points.c.step)).where(here)
    count, first, last = connection.execute(extent).one()
    if count > 2 * buckets:
        return _thinned(connection, here, buckets, first, last)
    query = select(points.c.step, points.c.value, points.c.count, points.c.block)
    x, y = _expanded(connection.execute(query.where(here).order_by(points.c.step)).all())
    inside = (x >= (-math.inf if low is None else low)) & (x <= (math.inf if high is None else high))
    return thin(x[inside], y[inside], buckets)


def _thinned(
    connection: Connection, here: ColumnElement[bool], buckets: int, first: float, last: float
) -> Curve:
    """Returns the extremes and means of many rows, found by the database from its index alone."""
    # SQLite cuts the fraction off, PostgreSQL rounds: either way they are at most `buckets`.
    width = (last - first) / max(1, buckets - 1) or 1.0
    bucket = cast((points.c.step - first) / width, Integer)
    weight = case((points.c.value.is_not(None), points.c.count))
    query = (
        select(
            func.min(_first),
            func.max(points.c.step),
            func.min(func.coalesce(points.c.low, points.c.value)),
            func.max(func.coalesce(points.c.high, points.c.value)),
            func.sum(points.c.value * points.c.count) / func.sum(weight),
        )
        .where(here)
        .group_by(bucket)
        .order_by(func.min(points.c.step))
    )
    rows = np.array(connection.execute(query).all(), dtype=np.float64).reshape(-1, 5)
    starts, ends, low, high, mean = (np.ascontiguousarray(column) for column in rows.T)
    x, y = np.column_stack((starts, ends)).ravel(), np.column_stack((low, high)).ravel()
    return Curve(x, y, Means(ends, mean))


def _series(connection: Connection, run_id: str) -> tuple[SeriesKey, ...]:
    query = select(points.c.axis, points.c.name, points.c.scope).where(points.c.run_id == run_id)
    return tuple(_key(row) for row in connection.execute(query.distinct()))


def _last(connection: Connection, run_id: str) -> int:
    last = select(func.max(points.c.seq)).where(points.c.run_id == run_id)
    return connection.execute(last).scalar_one() or 0


def _of(run_id: str, key: SeriesKey) -> ColumnElement[bool]:
    return and_(
        points.c.run_id == run_id,
        points.c.axis == key.axis.value,
        points.c.name == key.name,
        points.c.scope == key.scope.value,
    )


def _key(row: Any) -> SeriesKey:
    return SeriesKey(row.name, enum_member(Scope, row.scope), enum_member(Axis, row.axis))


def _expanded(rows: Sequence[Any]) -> tuple[Array, Array]:
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
