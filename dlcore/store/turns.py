"""Turns: each time that a run had a slot, whose it was, and how long it lasted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from dlcore.access.actors import Role
from dlcore.records import Run, RunState
from dlcore.store.database import Database, now
from dlcore.store.fairness import Standing, after_turn
from dlcore.store.tables import runs, visitors
from dlcore.store.usage_tables import turns


@dataclass(frozen=True)
class Stretch:
    """A time that a run had a slot, in seconds since 1970."""

    began: float
    ended: float


class Turns:
    """The turns of a store; the supervisor begins them, and whatever moves a run on from its slot ends them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stretches(self, *, owner: str, since: float) -> Sequence[Stretch]:
        """Returns when an owner's runs had a slot, the earliest first, as far as that was after a moment.

        One that lasts has so far ended at the last word of its run's process.
        """
        at_work = and_(runs.c.id == turns.c.run_id, runs.c.attempt == turns.c.attempt)
        end = func.coalesce(turns.c.ended_at, runs.c.heartbeat_at, turns.c.began_at)
        query = (
            select(turns.c.began_at, end.label("ended_at"))
            .select_from(turns.outerjoin(runs, at_work))
            .where(turns.c.owner == owner, end > since)
            .order_by(turns.c.began_at)
        )
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return [Stretch(max(since, row.began_at), row.ended_at) for row in found]

    def sweep(self, *, before: float) -> int:
        """Removes those that began before a moment, unless they last; returns how many."""
        old = (turns.c.began_at < before) & turns.c.ended_at.is_not(None)
        with self._database.write() as connection:
            return connection.execute(delete(turns).where(old)).rowcount


def standings(
    connection: Connection, owners: Collection[str], member_share: float
) -> tuple[float, Mapping[str, Standing]]:
    """Returns where the latest turn of anybody began, and how owners stand.

    Args:
        connection: a transaction.
        owners: of runs that wait.
        member_share: how many turns a member gets for one of a visitor's.
    """
    roles = {
        row.id: row.role
        for row in connection.execute(select(visitors.c.id, visitors.c.role).where(visitors.c.id.in_(owners)))
    }
    last = select(turns.c.owner, func.max(turns.c.start).label("start")).where(turns.c.owner.in_(owners))
    starts = {row.owner: row.start for row in connection.execute(last.group_by(turns.c.owner))}
    at_work = (
        select(runs.c.owner, func.count().label("at_work"))
        .where(runs.c.state.in_([RunState.STARTING.value, RunState.RUNNING.value]))
        .group_by(runs.c.owner)
    )
    active = {row.owner: row.at_work for row in connection.execute(at_work)}
    found = {}
    for owner in owners:
        share = 1.0 if roles.get(owner) == Role.VISITOR.value else member_share
        end = starts[owner] + 1 / share if owner in starts else 0.0
        found[owner] = Standing(active.get(owner, 0), share, end)
    return _front(connection), found


def begin_turn(connection: Connection, run: Run, member_share: float) -> None:
    """Notes that a run has got a slot, in its next attempt."""
    front, found = standings(connection, [run.owner], member_share)
    start, _standing = after_turn(front, found[run.owner])
    row = {"run_id": run.id, "attempt": run.attempt + 1, "owner": run.owner, "start": start}
    connection.execute(insert(turns).values(**row, began_at=now()))


def end_turn(connection: Connection, run: Run, ended_at: float) -> None:
    """Notes that a run has left its slot, if it was noted that it had one."""
    here = (turns.c.run_id == run.id) & (turns.c.attempt == run.attempt) & turns.c.ended_at.is_(None)
    connection.execute(update(turns).where(here).values(ended_at=ended_at))


def _front(connection: Connection) -> float:
    return float(connection.execute(select(func.max(turns.c.start))).scalar() or 0.0)
