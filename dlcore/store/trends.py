"""Small curves of many experiments at once: how the metric went that each is judged by."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from threading import Lock

import numpy as np
from sqlalchemy import and_, select

from dlcore.records import SeriesKey
from dlcore.store.curve_rows import columns_of
from dlcore.store.curves import Array, thin
from dlcore.store.database import Database
from dlcore.store.tables import points
from dlcore.store.windows import Window

BUCKETS = 12
"""A trend is drawn 80 pixels wide: the extremes of so many ranges show all that can be seen."""
SHORT = 64
"""Epochs of a run whose points are read together with those of others; a longer one is read at a coarser level."""
AT_ONCE = 200
"""Runs whose points one query reads."""
KEPT = 5_000
"""Trends that a process remembers: about 1 MB."""

Trend = tuple[float, ...]


@dataclass(frozen=True)
class TrendOf:
    """Which curve of a run, and how far it is: with another epoch or attempt, another trend.

    Attributes:
        metric: the curve, over epochs.
        epoch: how many epochs of it are done.
        attempt: a resumed run may have gone back before it went on.
    """

    run_id: str
    metric: SeriesKey
    epoch: int
    attempt: int = 0


class Trends:
    """Reads trends; each once for all who look, as long as its run does not go on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[TrendOf, Trend] = OrderedDict()
        self._lock = Lock()

    def read(self, asked: Sequence[TrendOf]) -> Mapping[TrendOf, Trend]:
        """Returns the values of curves, at most two for each of twelve ranges; none of a curve that has no points."""
        with self._lock:
            found = {one: self._kept[one] for one in asked if one in self._kept}
        missing = list(dict.fromkeys(one for one in asked if one not in found))
        if missing:
            read = self._short([one for one in missing if one.epoch <= SHORT])
            read |= {one: self._long(one) for one in missing if one.epoch > SHORT}
            found |= read
            self._keep(read)
        return found

    def _keep(self, read: Mapping[TrendOf, Trend]) -> None:
        with self._lock:
            self._kept.update(read)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _short(self, asked: Sequence[TrendOf]) -> dict[TrendOf, Trend]:
        found: dict[TrendOf, Trend] = dict.fromkeys(asked, ())
        # Runs of one metric together, so that the index leads to just these curves.
        for key, alike in groupby(sorted(asked, key=_order), key=lambda one: one.metric):
            batch = {one.run_id: one for one in alike}
            ids = list(batch)
            for begin in range(0, len(ids), AT_ONCE):
                curves = self._curves(key, ids[begin : begin + AT_ONCE])
                found |= {batch[run_id]: _trend(x, y) for run_id, (x, y) in curves.items()}
        return found

    def _curves(self, key: SeriesKey, ids: Sequence[str]) -> dict[str, tuple[Array, Array]]:
        of_key = and_(*(points.c[name] == value for name, value in columns_of(key).items()))
        query = select(points.c.run_id, points.c.step, points.c.value).where(points.c.run_id.in_(ids), of_key)
        query = query.order_by(points.c.run_id, points.c.step)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {run_id: _columns(own) for run_id, own in groupby(rows, key=lambda row: str(row.run_id))}

    def _long(self, asked: TrendOf) -> Trend:
        with self._database.read() as connection:
            curve = Window(connection, asked.run_id, asked.metric).read(BUCKETS)
        return _trend(curve.x, curve.y)


def _order(one: TrendOf) -> tuple[str, str, str]:
    return one.metric.name, one.metric.scope.value, one.run_id


def _columns(rows: Iterable[tuple[str, float, float | None]]) -> tuple[Array, Array]:
    table = np.array([(step, np.nan if value is None else value) for _run, step, value in rows])
    return table[:, 0], table[:, 1]


def _trend(x: Array, y: Array) -> Trend:
    """Returns what is drawn of a curve; one point alone shows nothing."""
    known = np.isfinite(y)
    if known.sum() < 2:
        return ()
    return tuple(float(value) for value in thin(x[known], y[known], BUCKETS).y)
