"""The queue: the runs that wait, in the order in which they get a slot."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, select

from dlcore.records import Run, RunState
from dlcore.store.database import Database
from dlcore.store.fairness import Waiting, fair_order
from dlcore.store.run_rows import read_run
from dlcore.store.tables import runs
from dlcore.store.turns import standings

_WAITS = runs.c.state == RunState.QUEUED.value
_IN_TURN = (runs.c.queued_at, runs.c.id)


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
            rows = connection.execute(select(runs).where(_WAITS).order_by(*_IN_TURN))
            found = {row.id: read_run(row) for row in rows}
            order = self._order(
                connection, (Waiting(run.id, run.owner, run.queued_at.timestamp()) for run in found.values())
            )
        return [found[run_id] for run_id in order]

    def to_stop(self) -> Sequence[Run]:
        """Returns those that wait and should stop."""
        with self._database.read() as connection:
            rows = connection.execute(select(runs).where(_WAITS, runs.c.stop_requested).order_by(*_IN_TURN))
            return [read_run(row) for row in rows]

    def position(self, run_id: str) -> int:
        """Returns the place of a run among those that wait, from 1; 0 if it does not wait."""
        mine = runs.alias()
        before = (runs.c.queued_at < mine.c.queued_at) | (
            (runs.c.queued_at == mine.c.queued_at) & (runs.c.id <= mine.c.id)
        )
        query = select(
            func.count().filter(before).label("place"), func.min(runs.c.owner), func.max(runs.c.owner)
        )
        query = query.select_from(runs.join(mine, mine.c.id == run_id))
        query = query.where(_WAITS, mine.c.state == RunState.QUEUED.value)
        with self._database.read() as connection:
            place, first, last = connection.execute(query).one()
            if first == last:  # all of one owner, as on your own machine
                return int(place)
            return 1 + self._order(connection, _waiting(connection)).index(run_id)

    def place_for(self, *, owner: str) -> int:
        """Returns the place that a new run of an owner would get, from 1."""
        with self._database.read() as connection:
            new = Waiting("", owner, math.inf)
            return 1 + self._order(connection, [*_waiting(connection), new]).index(new.id)

    def _order(self, connection: Connection, waiting: Iterable[Waiting]) -> list[str]:
        found = list(waiting)
        owners = {one.owner for one in found}
        if len(owners) < 2:
            return [one.id for one in found]
        front, standing = standings(connection, owners, self._member_share)
        return fair_order(found, standing, front)


def _waiting(connection: Connection) -> list[Waiting]:
    query = select(runs.c.id, runs.c.owner, runs.c.queued_at).where(_WAITS).order_by(*_IN_TURN)
    return [Waiting(row.id, row.owner, row.queued_at) for row in connection.execute(query)]
