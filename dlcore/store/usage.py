"""Who uses how much of a store: numbers by owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, literal, select

from dlcore.access.actors import Role
from dlcore.records import RunState
from dlcore.store.database import Database, enum_member
from dlcore.store.runs import ACTIVE_STATES
from dlcore.store.tables import members, runs, studies, visitors
from dlcore.store.usage_tables import turns


@dataclass(frozen=True)
class OwnerUse:
    """What an owner has in a store, and has used of the machine.

    Attributes:
        role: what they are; None of the owner of the machine, and of a visitor who is not known any more.
        name: what a member is called.
        last_seen: when they were last here, in seconds since 1970, if that is known.
        runs: how many they have, trials of searches included.
        searches: how many they have.
        waiting: how many of the runs wait.
        at_work: how many of the runs have a slot.
        seconds: for how long runs of theirs had one lately.
    """

    owner: str
    role: Role | None = None
    name: str = ""
    last_seen: float | None = None
    runs: int = 0
    searches: int = 0
    waiting: int = 0
    at_work: int = 0
    seconds: float = 0.0


def use_by_owner(database: Database, *, since: float) -> list[OwnerUse]:
    """Returns what each owner has and has used, who has used most first.

    Args:
        database: where the rows are.
        since: from when on seconds count, in seconds since 1970.
    """
    with database.read() as connection:
        found: dict[str, dict[str, Any]] = {}
        for query in (_runs(), _searches(), _seconds(since)):
            for row in connection.execute(query).mappings():
                found.setdefault(row["owner"], {}).update(row)
        known = _known(connection)
    members_alone = {owner: {"owner": owner} for owner, about in known.items() if about["name"]}
    rows = [
        OwnerUse(**{**about, **known.get(owner, {})}) for owner, about in {**members_alone, **found}.items()
    ]
    return sorted(rows, key=lambda one: (-one.seconds, -one.runs, one.owner))


def _runs() -> Select[Any]:
    def in_state(*states: RunState) -> Any:
        return func.sum(case((runs.c.state.in_([state.value for state in states]), 1), else_=0))

    counts = (
        func.count().label("runs"),
        in_state(RunState.QUEUED).label("waiting"),
        in_state(*ACTIVE_STATES).label("at_work"),
    )
    return select(runs.c.owner, *counts).group_by(runs.c.owner)


def _searches() -> Select[Any]:
    return select(studies.c.owner, func.count().label("searches")).group_by(studies.c.owner)


def _seconds(since: float) -> Select[Any]:
    """Returns the query for how long each owner's runs had a slot; one that lasts until the last word of its process."""
    at_work = and_(runs.c.id == turns.c.run_id, runs.c.attempt == turns.c.attempt)
    end = func.coalesce(turns.c.ended_at, runs.c.heartbeat_at, turns.c.began_at)
    began = case((turns.c.began_at < since, since), else_=turns.c.began_at)
    query = select(turns.c.owner, func.sum(end - began).label("seconds"))
    return query.select_from(turns.outerjoin(runs, at_work)).where(end > since).group_by(turns.c.owner)


def _known(connection: Connection) -> dict[str, dict[str, Any]]:
    """Returns what is known of visitors and members, by their ids."""
    found: dict[str, dict[str, Any]] = {}
    for table, name in ((visitors, literal("")), (members, members.c.name)):
        for row in connection.execute(
            select(table.c.id, table.c.role, table.c.last_seen, name.label("name"))
        ):
            role = enum_member(Role, row.role)
            found[row.id] = {"role": role, "name": row.name, "last_seen": row.last_seen}
    return found
