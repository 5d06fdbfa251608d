"""Curves: appended by the run's one writer, read by cursor and by window.

A row holds one point, or a segment: consecutive points, such as the losses of the batches between two
reports, as four bytes each. So every batch's loss is kept, and a run of a million batches takes 5 MB
and a row for each report. Beside its values a segment has their lowest, highest and mean. Long curves
are read from coarser levels (`ranges.py`), so that a look costs the same whatever their length.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
)

from dlcore.records import Axis, Metric, Scope, Segment, SeriesKey
from dlcore.store.curve_rows import (
    POINT_COLUMNS,
    Row,
    begin_of,
    curve,
    expand,
    first_step,
    head_of,
    insert_rows,
    key_of,
    of_curve,
    rows_of,
)
from dlcore.store.curves import Array, Curve, thin
from dlcore.store.database import Database
from dlcore.store.ranges import ENDLESS, forget_ranges, grow_ranges, series
from dlcore.store.tables import points, ranges
from dlcore.store.windows import Window

ATTEMPT_SPAN = 1_000_000_000
"""Numbers of rows an attempt has to itself: a rewound curve never uses a number twice."""


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
        self,
        run_id: str,
        cursor: int,
        *,
        axis: Axis,
        names: Collection[str] = (),
        limit: int = 20_000,
        buckets: int = 1_000,
    ) -> News:
        """Returns what is new since a cursor; 0 asks for all there is, the oldest first.

        Args:
            run_id: whose curves.
            cursor: of the last answer.
            axis: what the x counts.
            names: of these metrics only; by default of all.
            limit: most rows to read.
            buckets: a curve of more than twice as many new points is thinned.
        """
        asked = {"of_run_id": run_id, "cursor": cursor, "of_axis": axis.value, "most": limit}
        if names:
            asked["names"] = list(names)
        with self._database.read() as connection:
            rows = connection.execute(_news(named=bool(names)), asked).all()
            more = len(rows) == limit
            if more:
                cursor = rows[-1].seq
            else:
                cursor = max(cursor, rows[-1].newest if rows else _last(connection, run_id))
        found: dict[SeriesKey, list[Any]] = {}
        for _curve, group in groupby(rows, itemgetter(slice(-3, None))):
            of_one = list(group)
            found.setdefault(key_of(of_one[0]), []).extend(row[: len(POINT_COLUMNS)] for row in of_one)
        curves = {key: thin(*expand(of_key), buckets) for key, of_key in found.items()}
        return News(cursor, curves, more)

    def overview(self, run_id: str, *, axis: Axis, names: Collection[str] = (), buckets: int = 1_000) -> News:
        """Returns all curves of an axis, the long ones thinned, and the cursor from which to continue.

        Args:
            run_id: whose curves.
            axis: what the x counts.
            names: of these metrics only; by default of all.
            buckets: as finely is a long curve given.
        """
        with self._database.read() as connection:
            keys = [key for key in series(connection, run_id, axis) if not names or key.name in names]
            found = {key: Window(connection, run_id, key).read(buckets) for key in keys}
            return News(_last(connection, run_id), found)

    def series(self, run_id: str) -> tuple[SeriesKey, ...]:
        """Returns which curves a run has."""
        with self._database.read() as connection:
            return series(connection, run_id)

    def window(
        self,
        run_id: str,
        key: SeriesKey,
        *,
        low: float = -ENDLESS,
        high: float = ENDLESS,
        buckets: int = 1_000,
    ) -> Curve:
        """Returns a range of a curve in at most `2 · buckets` points: each bucket's lowest and highest.

        It is read at the coarsest level that will do, so a spike is never lost and little is read.
        """
        with self._database.read() as connection:
            return Window(connection, run_id, key, low, high).read(buckets)

    def points(self, run_id: str, axis: Axis | None = None) -> dict[SeriesKey, tuple[Array, Array]]:
        """Returns every point of a run's curves: the steps and the values, NaN where one was not finite.

        Args:
            run_id: which run.
            axis: only of the curves over this; by default of all.
        """
        rows = select(*POINT_COLUMNS).where(of_curve(points)).order_by(points.c.step)
        with self._database.read() as connection:
            return {
                key: expand(connection.execute(rows, curve(run_id, key)).all())
                for key in series(connection, run_id, axis)
            }

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
    groups = [(key, list(group)) for key, group in groupby(metrics, attrgetter("key"))]
    if not groups:
        return
    last = number = max(_last(connection, run_id), attempt * ATTEMPT_SPAN)
    added: dict[SeriesKey, list[Row]] = {}
    begins: dict[SeriesKey, float] = {}
    for key, of_key in groups:
        rows = rows_of(run_id, number + 1, key, of_key)
        number += len(rows)
        if rows:
            added.setdefault(key, []).extend(rows)
            first = begin_of(of_key)
            begins[key] = min(first, begins.get(key, first))
    forget_ranges(connection, run_id, begins)
    insert_rows(connection, points, chain.from_iterable(added.values()))
    grow_ranges(connection, run_id, last, added)


def drop_points(connection: Connection, run_id: str, *, epoch: int, step: int) -> None:
    """Drops what is beyond the state that a run continues from."""
    across = select(points).where(
        points.c.run_id == run_id,
        points.c.axis == Axis.BATCH.value,
        points.c.step > step,
        first_step <= step,
    )
    heads = [head_of(row, step) for row in connection.execute(across)]
    for table in (points, ranges):
        connection.execute(delete(table).where(table.c.run_id == run_id, _beyond(table, epoch, step)))
    if heads:
        insert_rows(connection, points, heads)


def _beyond(table: Table, epoch: int, step: int) -> ColumnElement[bool]:
    """Returns the condition for what ends beyond a state, in the table of points or of ranges."""
    by_epoch = table.c.axis.in_((Axis.EPOCH.value, Axis.PROBE.value))
    by_batch = table.c.axis == Axis.BATCH.value
    # The test part is measured at the end of each attempt, so that of this state again too.
    is_test = table.c.scope == Scope.TEST.value
    return or_(
        and_(by_epoch, table.c.step > epoch),
        and_(by_epoch, is_test, table.c.step >= epoch),
        and_(by_batch, table.c.step > step),
        and_(by_batch, is_test, table.c.step >= step),
    )


def _last(connection: Connection, run_id: str) -> int:
    return connection.execute(_LAST, {"of_run_id": run_id}).scalar_one() or 0


# Built once: to build a statement takes several times as long as to carry it out.
_LAST = select(func.max(points.c.seq)).where(points.c.run_id == bindparam("of_run_id"))


@cache
def _news(*, named: bool) -> Select[Any]:
    """Returns the question for the rows behind a cursor, of all curves of an axis or of those of some names."""
    # The newest row of all is asked for in passing, as each question has its cost. What says of which curve comes last.
    newest = _LAST.scalar_subquery().label("newest")
    columns = (*POINT_COLUMNS, points.c.seq, newest, points.c.axis, points.c.name, points.c.scope)
    query = select(*columns).where(
        points.c.run_id == bindparam("of_run_id"),
        points.c.seq > bindparam("cursor"),
        points.c.axis == bindparam("of_axis"),
    )
    if named:
        query = query.where(points.c.name.in_(bindparam("names", expanding=True)))
    return query.order_by(points.c.seq).limit(bindparam("most", type_=Integer))
