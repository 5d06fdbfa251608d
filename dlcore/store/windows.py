"""A window of a curve, read at the level that suits how finely it is wanted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, bindparam, func, literal, select

from dlcore.records import SeriesKey
from dlcore.store.curve_rows import POINT_COLUMNS, SEGMENT_POINTS, curve, expand, first_step, of_curve
from dlcore.store.curves import Array, Curve, Spans, thin, thin_spans
from dlcore.store.ranges import ENDLESS, LEVELS, columns_of_level
from dlcore.store.tables import points, ranges

_ROWS, _POINTS = 0, -1
"""The levels below those of ranges: rows, and their points one by one."""


@dataclass(frozen=True)
class Window:
    """Which steps of which curve; both ends belong to it.

    Args:
        connection: of a transaction that sees one moment of the store.
        run_id: whose curve.
        key: which curve.
        low: the first step.
        high: the last step.
    """

    connection: Connection
    run_id: str
    key: SeriesKey
    low: float = -ENDLESS
    high: float = ENDLESS

    def read(self, buckets: int) -> Curve:
        """Returns at most `2 · buckets` points: all there are, or each bucket's lowest and highest."""
        level = self._level(buckets)
        if level == _POINTS:
            return thin(*self._points(self._before, ENDLESS), buckets)
        return thin_spans(Spans.joined(list(self._spans(level, self._before, ENDLESS))), buckets)

    @property
    def _before(self) -> float:
        """The step just before the window."""
        return max(-ENDLESS, float(np.nextafter(self.low, -math.inf)))

    def _level(self, buckets: int) -> int:
        """Returns the coarsest level that has a range for every other bucket, unless all points can be given."""
        need, few = max(2, buckets // 2), 2 * buckets
        asked = self._between(self._before, self.high) | {"need": need, "few": few + 1}
        points, *counts = self.connection.execute(_counts(), asked).one()
        enough = [level for level, count in enumerate(counts) if count >= need]
        return enough[-1] if enough and points > few else _POINTS

    def _spans(self, level: int, above: float, last: float) -> Iterator[Spans]:
        """Yields what stands for the rows that end beyond `above` and at `last` at the latest.

        Ranges in the window stand for what is in them. What is beside them, at the ends of the window and
        behind the last range, is read at the levels below.
        """
        if level == _POINTS:
            yield Spans.of_points(*self._points(above, last))
            return
        below = level - 1 if level > 1 else _POINTS
        asked = self._between(above, min(last, self.high))
        found = Spans.of_rows(self.connection.execute(_ranges_of(level), asked).all())
        end = float(found.last[-1]) if len(found.last) else above
        outside = np.flatnonzero(found.first < self.low)
        if len(outside):
            begin = int(outside[-1]) + 1
            yield from self._spans(below, above, float(found.last[begin - 1]))
            found = found.at(slice(begin, None))
        yield found
        if end < last:
            yield from self._spans(below, end, last)

    def _points(self, above: float, last: float) -> tuple[Array, Array]:
        """Returns the points of the window in the rows that end beyond `above` and at `last` at the latest."""
        # A segment is found by its last step; it may begin in the window and end beyond it.
        asked = self._between(above, min(last, self.high + SEGMENT_POINTS)) | {"high": self.high}
        x, y = expand(self.connection.execute(_points_of(), asked).all())
        inside = (x >= self.low) & (x <= self.high)
        x, y = x[inside], y[inside]
        if (np.diff(x) >= 0).all():
            return x, y
        order = np.argsort(x, kind="stable")
        return x[order], y[order]

    def _between(self, above: float, last: float) -> dict[str, Any]:
        return {**curve(self.run_id, self.key), "above": above, "last": last}


def _in_window(level: int) -> ColumnElement[bool]:
    """Returns the condition for what of a level ends beyond one step and at another at the latest."""
    table = ranges if level else points
    here = and_(of_curve(table), table.c.step > bindparam("above"), table.c.step <= bindparam("last"))
    return and_(here, ranges.c.level == level) if level else here


@cache
def _counts() -> Select[Any]:
    """Returns the question how many points there are, how many rows, and how many ranges of each level.

    It counts no further than need be: of a long curve it looks at a few thousand rows and ranges.
    """
    rows = select(points.c.count).where(_in_window(_ROWS)).limit(bindparam("few", type_=Integer)).subquery()
    levels = []
    for level in range(1, LEVELS + 1):
        here = select(literal(1)).where(_in_window(level)).limit(bindparam("need", type_=Integer)).subquery()
        levels.append(select(func.count()).select_from(here).scalar_subquery())
    return select(func.coalesce(func.sum(rows.c.count), 0), func.count(), *levels).select_from(rows)


@cache
def _ranges_of(level: int) -> Select[Any]:
    table = ranges if level else points
    return select(*columns_of_level(level)).where(_in_window(level)).order_by(table.c.step)


@cache
def _points_of() -> Select[Any]:
    return (
        select(*POINT_COLUMNS).where(_in_window(0), first_step <= bindparam("high")).order_by(points.c.step)
    )
