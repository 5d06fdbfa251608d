"""The queue: the runs that wait, in the order in which they get a slot."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from dlcore.records import Run, RunState
from dlcore.store.database import Database
from dlcore.store.fairness import Waiting, fair_order
from dlcore.store.run_rows import read_run
from dlcore.store.tables import runs
from dlcore.store.turns import standings

_WAITS = runs.c.state == RunState.QUEUED.value
_BRIEF = select(runs.c.id, runs.c.owner, runs.c.queued_at, runs.c.priority).where(_WAITS)


class Spot(StrEnum):
    """Where an admin may put runs in the queue."""

    FRONT = "front"
    BACK = "back"
    USUAL = "usual"


class Queue:
    """The runs of a store that wait; of one owner the first that came is next, of several see `fair_order`.

    Args:
        database: where the rows are.
        member_share: how many turns a member gets for one of a visitor's.
    """

    def __init__(self, database: Database, member_share: float) -> None:
        self._database, self._member_share = database, member_share

    def waiting(self) -> Sequence[Run]:
        """Returns the runs that wait, the next one first."""
        with self._database.read() as connection:
            rows = connection.execute(select(runs).where(_WAITS)).all()
            order = self._order(connection, _waiting(rows))
        found = {row.id: row for row in rows}
        return [read_run(found[run_id]) for run_id in order]

    def priorities(self) -> Mapping[str, int]:
        """Returns where runs that wait were put by an admin, by their ids; those that were not are left out."""
        query = select(runs.c.id, runs.c.priority).where(_WAITS, runs.c.priority != 0)
        with self._database.read() as connection:
            return {row.id: row.priority for row in connection.execute(query)}

    def put(self, run_ids: Sequence[str], where: Spot) -> int:
        """Puts runs that wait before or behind all others, in the order in which they are given, or back where they
        belong; returns how many of them still waited.
        """
        ends = select(func.max(runs.c.priority).label("high"), func.min(runs.c.priority).label("low")).where(
            _WAITS
        )
        count = len(run_ids)
        with self._database.write() as connection:
            end = connection.execute(ends).one()
            first = {
                Spot.FRONT: max(0, end.high or 0) + count,
                Spot.BACK: min(0, end.low or 0) - 1,
                Spot.USUAL: 0,
            }[where]
            step = 0 if where is Spot.USUAL else 1
            return sum(
                connection.execute(
                    update(runs).where(_WAITS, runs.c.id == run_id).values(priority=first - step * place)
                ).rowcount
                for place, run_id in enumerate(run_ids)
            )

    def to_stop(self) -> Sequence[Run]:
        """Returns those that wait and should stop."""
        with self._database.read() as connection:
            rows = connection.execute(select(runs).where(_WAITS, runs.c.stop_requested))
            return [read_run(row) for row in rows]

    def position(self, run_id: str) -> int:
        """Returns the place of a run among those that wait, from 1; 0 if it does not wait."""
        mine = runs.alias()
        came_before = (runs.c.queued_at < mine.c.queued_at) | (
            (runs.c.queued_at == mine.c.queued_at) & (runs.c.id <= mine.c.id)
        )
        before = (runs.c.priority > mine.c.priority) | ((runs.c.priority == mine.c.priority) & came_before)
        query = select(
            func.count().filter(before).label("place"), func.min(runs.c.owner), func.max(runs.c.owner)
        )
        query = query.select_from(runs.join(mine, mine.c.id == run_id))
        query = query.where(_WAITS, mine.c.state == RunState.QUEUED.value)
        with self._database.read() as connection:
            place, first, last = connection.execute(query).one()
            if first == last:  # all of one owner, as on your own machine
                return int(place)
            return 1 + self._order(connection, _waiting(connection.execute(_BRIEF))).index(run_id)

    def place_for(self, *, owner: str) -> int:
        """Returns the place that a new run of an owner would get, from 1."""
        with self._database.read() as connection:
            new = Waiting("", owner, math.inf)
            return 1 + self._order(connection, [*_waiting(connection.execute(_BRIEF)), new]).index(new.id)

    def _order(self, connection: Connection, waiting: Iterable[Waiting]) -> list[str]:
        found = list(waiting)
        owners = {one.owner for one in found}
        if len(owners) < 2:
            return [one.id for one in sorted(found, key=lambda one: one.rank)]
        front, standing = standings(connection, owners, self._member_share)
        return fair_order(found, standing, front)


def _waiting(rows: Iterable[Row[Any]]) -> list[Waiting]:
    return [Waiting(row.id, row.owner, row.queued_at, row.priority) for row in rows]
