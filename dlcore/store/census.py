"""How much of what is in a store, over all owners: numbers alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Table, func, select

from dlcore.records import RunState
from dlcore.records.jobs import JobState
from dlcore.store.database import Database, to_datetime
from dlcore.store.tables import jobs, runs


@dataclass(frozen=True)
class Census:
    """What there was at one moment.

    Attributes:
        runs: how many in each state, trials of searches included.
        jobs: how many in each state.
        oldest_queued_at: since when the run waits that has waited longest, if any waits.
    """

    runs: Mapping[RunState, int]
    jobs: Mapping[JobState, int]
    oldest_queued_at: datetime | None


def take_census(database: Database) -> Census:
    """Counts what is there.

    Raises:
        StoreError: the store cannot be read.
    """
    with database.read() as connection:
        of_runs, of_jobs = (_by_state(connection, table, table.c.state) for table in (runs, jobs))
        oldest = connection.execute(
            select(func.min(runs.c.queued_at)).where(runs.c.state == RunState.QUEUED.value)
        ).scalar_one()
    return Census(
        {state: of_runs.get(state.value, 0) for state in RunState},
        {state: of_jobs.get(state.value, 0) for state in JobState},
        None if oldest is None else to_datetime(oldest),
    )


def _by_state(connection: Connection, table: Table, state: Column[str]) -> Mapping[str, int]:
    query = select(state, func.count().label("number")).select_from(table).group_by(state)
    return {row.state: row.number for row in connection.execute(query)}
