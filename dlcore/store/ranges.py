"""Long curves at coarser levels, so that what a look at one costs does not grow with it.

A range of level 1 stands for 16 rows of a curve, one of the next level for 16 ranges: their first and
last step, the lowest, the highest and the mean value. The ranges of a level lie one behind the other from
the beginning of the curve; the rows behind the last one have none yet, and are read themselves. They are
made by the run's one writer, in the transaction that adds the points, every 256 rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    text,
)

from dlcore.records import Axis, SeriesKey
from dlcore.store.curve_rows import (
    Row,
    curve,
    first_step,
    highest,
    insert_rows,
    key_of,
    lowest,
    mark_of,
    of_curve,
    spans_of,
    weight,
)
from dlcore.store.curves import Spans
from dlcore.store.tables import points, ranges, runs

WIDTH = 16
"""How many rows, or ranges of the level below, a range stands for."""
LEVELS = 5
"""A range of the highest stands for a million rows."""
EVERY = 256
"""Ranges are made once a run has so many new rows: so many at most are behind the last one."""
AT_ONCE = 65_536
"""Most rows that are read for ranges in one transaction: others wait for it."""
_NEWEST = 2**62
"""Beyond the number of every row."""
ENDLESS = 1e308
"""Beyond every step; an infinite number has no common spelling in SQL."""


def grow_ranges(
    connection: Connection, run_id: str, last: int, added: Mapping[SeriesKey, Sequence[Row]]
) -> None:
    """Makes the ranges of what was added to a run's curves, now and then.

    Args:
        connection: of the transaction that added the rows.
        run_id: whose curves.
        last: the number of the run's newest row before.
        added: the rows that were added, by their curves.
    """
    if last // EVERY == (last + sum(map(len, added.values()))) // EVERY:
        return
    lately = map(key_of, connection.execute(_LATELY, {"of_run_id": run_id, "last": last}))
    for key in {*added, *lately}:
        _grow(connection, run_id, key, last, added.get(key, ()))


# By the key of the rows, not by the index of curves: the inner order says so.
_LATELY = select(
    select(points.c.axis, points.c.name, points.c.scope)
    .where(
        points.c.run_id == bindparam("of_run_id"),
        points.c.seq > bindparam("last", type_=points.c.seq.type) - literal_column(str(EVERY)),
        points.c.seq <= bindparam("last"),
    )
    .order_by(points.c.seq)
    .limit(EVERY)
    .subquery()
).distinct()


def grow_all(connection: Connection) -> None:
    """Makes all ranges of a store that has none."""
    for run_id in connection.execute(select(runs.c.id)).scalars().all():
        for key in series(connection, run_id):
            while _grow(connection, run_id, key, _NEWEST):
                pass


def forget_ranges(connection: Connection, run_id: str, begins: Mapping[SeriesKey, float]) -> None:
    """Removes the ranges of curves that end at a step or behind it: points are added there.

    There are some only where steps do not rise, as after a run's clock was set back to a checkpoint.

    Args:
        connection: of the transaction that adds the points.
        run_id: whose curves.
        begins: the first of the new steps of each curve.
    """
    found = [(run_id, key.axis.value, key.name, key.scope.value, begin) for key, begin in begins.items()]
    connection.exec_driver_sql(_FORGET.replace("?", mark_of(connection)), found)


# As the driver takes it: every report does so for each of its curves.
_FORGET = f"""DELETE FROM ranges WHERE run_id = ? AND axis = ? AND name = ? AND scope = ?
    AND level IN ({", ".join(map(str, range(1, LEVELS + 1)))}) AND step >= ?"""


def series(connection: Connection, run_id: str, axis: Axis | None = None) -> tuple[SeriesKey, ...]:
    """Returns which curves a run has, of an axis or of all, however long they are."""
    found = map(key_of, connection.execute(_SERIES, {"run": run_id}))
    return tuple(key for key in found if axis in (None, key.axis))


def _next(before: str, column: str) -> str:
    """Returns the part of a statement that adds a column to the rows of the part before.

    `SELECT DISTINCT` would read the whole curves. This goes from one value to the next by the index.
    """
    fixed = ["axis", "name", "scope"][: ["axis", "name", "scope"].index(column)]
    here = " AND ".join(["run_id = :run", *(f"points.{name} = known.{name}" for name in fixed)])
    least = f"(SELECT min({column}) FROM points WHERE {here}"
    own = "".join(f"{name}, " for name in fixed)
    return f"""each_{column} ({own}{column}) AS (
        SELECT {own}{least}) FROM {before} AS known
        UNION ALL
        SELECT {own}{least} AND points.{column} > known.{column}) FROM each_{column} AS known
        WHERE {column} IS NOT NULL
    )"""


_SERIES = text(f"""WITH RECURSIVE
    {_next("(SELECT 1 AS one)", "axis")},
    {_next("(SELECT * FROM each_axis WHERE axis IS NOT NULL)", "name")},
    {_next("(SELECT * FROM each_name WHERE name IS NOT NULL)", "scope")}
    SELECT axis, name, scope FROM each_scope WHERE scope IS NOT NULL ORDER BY axis, name, scope""")


def _grow(connection: Connection, run_id: str, key: SeriesKey, last: int, added: Sequence[Row] = ()) -> bool:
    """Makes the ranges of a curve's rows, and those of the levels above; returns whether there were any.

    Args:
        connection: of a transaction that writes.
        run_id: whose curve.
        key: which curve.
        last: the newest row that is read.
        added: rows after it, which need not be read again.
    """
    asked, of = {**curve(run_id, key), "last": last}, (run_id, key.axis.value, key.name, key.scope.value)
    for level in range(1, LEVELS + 1):
        below = Spans.of_rows(connection.execute(_without_range(level), asked).all())
        if len(below.last) == AT_ONCE:
            # There may be more at its last step.
            below = below.at(slice(np.searchsorted(below.last, below.last[-1])))
        elif level == 1 and added:
            below = Spans.joined([below, spans_of(added)])
        found = whole_parts(below)
        if not len(found.last):
            return level > 1
        insert_rows(connection, ranges, ((*of, level, *one) for one in found.rows()))
    return True


def whole_parts(below: Spans) -> Spans:
    """Returns each 16 steps of rows or ranges as one; what is behind the last of these is left out.

    Those of the same step are of one part, so that a range ends where no other begins.
    """
    if len(below.last) < WIDTH:
        return below.at(slice(0))
    step = np.cumsum(np.diff(below.last, prepend=-np.inf) > 0) - 1
    count = (step[-1] + 1) // WIDTH
    places = np.searchsorted(step, np.arange(count + 1) * WIDTH)
    if not count:
        return below.at(slice(0))
    return below.at(slice(places[-1])).together(places[:-1])


_COLUMNS = ("step", "first", "count", "value", "low", "high")


@cache
def _without_range(level: int) -> Select[Any]:
    """Returns the question for what has no range of a level yet."""
    table = ranges if level > 1 else points
    made = select(func.max(ranges.c.step)).where(of_curve(ranges), ranges.c.level == level)
    below = and_(of_curve(table), table.c.step > func.coalesce(made.scalar_subquery(), -ENDLESS))
    if level > 1:
        below = and_(below, ranges.c.level == level - 1)
    else:
        below = and_(below, points.c.seq <= bindparam("last"))
    return select(*columns_of_level(level - 1)).where(below).order_by(table.c.step).limit(AT_ONCE)


def columns_of_level(level: int) -> tuple[ColumnElement[Any], ...]:
    """Returns the columns of the ranges of a level; for 0 those of rows, as if each were a range."""
    if level:
        return tuple(ranges.c[name] for name in _COLUMNS)
    found = (points.c.step, first_step, weight, points.c.value, lowest, highest)
    return tuple(column.label(name) for column, name in zip(found, _COLUMNS, strict=True))
