"""Curves: appended by the run's one writer, read by cursor and by window."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, Integer, and_, cast, delete, func, insert, or_, select

from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.store.database import Database
from dlcore.store.tables import points

Array = npt.NDArray[np.float64]

ATTEMPT_SPAN = 1_000_000_000
"""Numbers of points an attempt has to itself: a rewound curve never uses a number twice."""


@dataclass(frozen=True)
class Curve:
    """Points of one series, in the order of their steps.

    Attributes:
        thinned: whether only the extremes of small ranges are here, not each point.

    Shape:
        x, y: float64 (points,).
    """

    x: Array
    y: Array
    thinned: bool = False


@dataclass(frozen=True)
class News:
    """What came after a cursor, and the cursor to ask with next time."""

    cursor: int
    curves: Mapping[SeriesKey, Curve]

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

    def since(self, run_id: str, cursor: int, *, axis: Axis, limit: int = 20_000) -> News:
        """What is new since a cursor; 0 asks for all there is, the oldest first."""
        query = (
            select(points)
            .where(points.c.run_id == run_id, points.c.seq > cursor)
            .order_by(points.c.seq)
            .limit(limit)
        )
        found: dict[SeriesKey, list[tuple[float, float]]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                cursor = row.seq
                if row.axis == axis.value:
                    found.setdefault(_key(row), []).append((row.step, _value(row.value)))
        return News(cursor, {key: _curve(pairs) for key, pairs in found.items()})

    def overview(self, run_id: str, *, axis: Axis, buckets: int = 1_000) -> News:
        """All curves of an axis, the long ones thinned, and the cursor from which to go on."""
        with self._database.read() as connection:
            keys = [key for key in _series(connection, run_id) if key.axis is axis]
            found = {key: _window(connection, _of(run_id, key), buckets) for key in keys}
            return News(_last(connection, run_id), found)

    def series(self, run_id: str) -> tuple[SeriesKey, ...]:
        """Which curves a run has."""
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
        """A range of a curve in at most `2 · buckets` points: each bucket's lowest and highest.

        The thinning happens in the database, so a spike is never lost and little is read.
        """
        here = _of(run_id, key)
        if low is not None:
            here = and_(here, points.c.step >= low)
        if high is not None:
            here = and_(here, points.c.step <= high)
        with self._database.read() as connection:
            return _window(connection, here, buckets)

    def epoch_curve(self, run_id: str, name: str) -> Array:
        """A metric epoch by epoch, on the validation part if there is one, for a sparkline."""
        for scope in (Scope.VALIDATION, Scope.TRAIN):
            curve = self.window(run_id, SeriesKey(name, scope, Axis.EPOCH), buckets=50)
            if len(curve.y):
                return curve.y
        return np.empty(0)


def add_points(connection: Connection, run_id: str, attempt: int, metrics: Iterable[Metric]) -> None:
    """Adds points to a run's curves, each under the next number of its run."""
    rows = [
        {
            "run_id": run_id,
            "axis": metric.key.axis.value,
            "scope": metric.key.scope.value,
            "name": metric.key.name,
            "step": metric.step,
            "value": metric.value if math.isfinite(metric.value) else None,
        }
        for metric in metrics
    ]
    if rows:
        last = max(_last(connection, run_id), attempt * ATTEMPT_SPAN)
        numbered = [{**row, "seq": last + number} for number, row in enumerate(rows, start=1)]
        connection.execute(insert(points), numbered)


def drop_points(connection: Connection, run_id: str, *, epoch: int, step: int) -> None:
    """Drops what lies beyond the state that a run goes on from."""
    by_epoch = points.c.axis == Axis.EPOCH.value
    beyond = or_(
        and_(by_epoch, points.c.step > epoch),
        # The test part is measured at the end of each attempt, so that of this epoch again too.
        and_(by_epoch, points.c.scope == Scope.TEST.value, points.c.step >= epoch),
        and_(points.c.axis == Axis.BATCH.value, points.c.step > step),
    )
    connection.execute(delete(points).where(points.c.run_id == run_id, beyond))


def _window(connection: Connection, here: ColumnElement[bool], buckets: int) -> Curve:
    extent = select(func.count(), func.min(points.c.step), func.max(points.c.step)).where(here)
    count, first, last = connection.execute(extent).one()
    if count <= 2 * buckets:
        query = select(points.c.step, points.c.value).where(here).order_by(points.c.step)
        return _curve([(row.step, _value(row.value)) for row in connection.execute(query)])
    # SQLite cuts the fraction off, PostgreSQL rounds: either way they are at most `buckets`.
    width = (last - first) / max(1, buckets - 1) or 1.0
    bucket = cast((points.c.step - first) / width, Integer)
    query = select(
        func.min(points.c.step), func.max(points.c.step), func.min(points.c.value), func.max(points.c.value)
    ).where(here).group_by(bucket).order_by(func.min(points.c.step))  # fmt: skip
    pairs: list[tuple[float, float]] = []
    for row in connection.execute(query):
        pairs += [(row[0], _value(row[2])), (row[1], _value(row[3]))]
    return Curve(*_columns(pairs), thinned=True)


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
    return SeriesKey(row.name, Scope(row.scope), Axis(row.axis))


def _value(value: float | None) -> float:
    return math.nan if value is None else value


def _columns(pairs: list[tuple[float, float]]) -> tuple[Array, Array]:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])


def _curve(pairs: list[tuple[float, float]]) -> Curve:
    return Curve(*_columns(pairs))
