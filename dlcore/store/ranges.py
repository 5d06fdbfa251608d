"""Long curves at coarser levels, so that what a look at one costs does not grow with it.

A range of level 1 stands for 16 rows of a curve, one of the next level for 16 ranges: their first and
last step, the lowest, the highest and the mean value. The ranges of a level lie one behind the other from
the beginning of the curve; the rows behind the last one have none yet, and are read themselves. They are
made by the run's one writer, in the transaction that adds the points, every 256 rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Subquery,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
)

from dlcore.records import Axis, SeriesKey
from dlcore.store.curve_rows import curve, first_step, highest, key_of, lowest, of_curve, weight
from dlcore.store.tables import points, ranges, runs

WIDTH = 16
"""How many rows, or ranges of the level below, a range stands for."""
LEVELS = 5
"""A range of the highest stands for a million rows."""
EVERY = 256
"""Ranges are made once a run has so many new rows: so many at most are behind the last one."""
AT_ONCE = 65_536
"""Most rows of which ranges are made in one transaction besides those that it adds: others wait for it."""
ENDLESS = 1e308
"""Beyond every step; an infinite number has no common spelling in SQL."""


def grow_ranges(
    connection: Connection, run_id: str, last: int, added: int, keys: Iterable[SeriesKey]
) -> None:
    """Makes the ranges of what was added to a run's curves, now and then.

    Args:
        connection: of the transaction that added the rows.
        run_id: whose curves.
        last: the number of the run's newest row before.
        added: how many rows were added.
        keys: of which curves.
    """
    if last // EVERY == (last + added) // EVERY:
        return
    lately = map(key_of, connection.execute(_LATELY, {"of_run_id": run_id, "last": last}))
    for key in {*keys, *lately}:
        _grow(connection, run_id, key, AT_ONCE + added)


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
            while _grow(connection, run_id, key, AT_ONCE):
                pass


def forget_ranges(connection: Connection, run_id: str, begins: Mapping[SeriesKey, float]) -> None:
    """Removes the ranges of curves that end at a step or behind it: points are added there.

    There are some only where steps do not rise, as after a run's clock was set back to a checkpoint.

    Args:
        connection: of the transaction that adds the points.
        run_id: whose curves.
        begins: the first of the new steps of each curve.
    """
    connection.execute(_FORGET, [{**curve(run_id, key), "begin": begin} for key, begin in begins.items()])


_FORGET = delete(ranges).where(
    of_curve(ranges),
    ranges.c.level.in_([literal_column(str(level)) for level in range(1, LEVELS + 1)]),
    ranges.c.step >= bindparam("begin"),
)


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


def _grow(connection: Connection, run_id: str, key: SeriesKey, most: int) -> bool:
    """Makes the ranges of at most so many rows, and those of the levels above; returns whether there were any."""
    asked = {**curve(run_id, key), "most": most}
    for level in range(1, LEVELS + 1):
        if not connection.execute(_growth(level), asked).rowcount:
            return level > 1
    return True


_CURVE = ("run_id", "axis", "name", "scope")
_COLUMNS = ("step", "first", "count", "value", "low", "high")


@cache
def _growth(level: int) -> Insert:
    """Returns the statement that makes a range of each part of a curve that is whole."""
    part = _parts(level).c
    count = func.sum(part.count)
    found = (
        *(bindparam(f"of_{name}", type_=ranges.c[name].type) for name in _CURVE),
        literal(level),
        func.max(part.step),
        func.min(part.first),
        count,
        func.sum(part.value * part.count) / func.nullif(count, 0),
        func.min(part.low),
        func.max(part.high),
    )
    whole = select(*found).group_by(part.part).having(func.count(part.step.distinct()) == WIDTH)
    return insert(ranges).from_select([*_CURVE, "level", *_COLUMNS], whole)


def _parts(level: int) -> Subquery:
    """Returns what has no range of a level yet, in parts of equally many steps.

    Rows of the same step are of one part, so that a range ends where no other begins.
    """
    table = ranges if level > 1 else points
    made = select(func.max(ranges.c.step)).where(of_curve(ranges), ranges.c.level == level)
    below = and_(of_curve(table), table.c.step > func.coalesce(made.scalar_subquery(), -ENDLESS))
    if level > 1:
        below = and_(below, ranges.c.level == level - 1)
    else:
        end = select(points.c.step).where(below).order_by(points.c.step).offset(bindparam("most")).limit(1)
        below = and_(below, points.c.step < func.coalesce(end.scalar_subquery(), ENDLESS))
    part = (func.dense_rank().over(order_by=table.c.step) - 1) // WIDTH
    return select(*columns_of_level(level - 1), part.label("part")).where(below).subquery()


def columns_of_level(level: int) -> tuple[ColumnElement[Any], ...]:
    """Returns the columns of the ranges of a level; for 0 those of rows, as if each were a range."""
    if level:
        return tuple(ranges.c[name] for name in _COLUMNS)
    found = (points.c.step, first_step, weight, points.c.value, lowest, highest)
    return tuple(column.label(name) for column, name in zip(found, _COLUMNS, strict=True))
