"""The lease of the one supervisor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dlcore.records import Worker
from dlcore.store.database import Database, moment, now
from dlcore.store.tables import workers

ROLE = "supervisor"


@dataclass(frozen=True)
class Identity:
    """Which process it is: a pid alone could be another's by now, with its start time it is not."""

    id: str
    host: str
    pid: int
    pid_started: float


class Workers:
    """Who supervises this store: one process at a time, by a lease that it must renew."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Worker | None:
        """The one that holds the lease, alive or not."""
        with self._database.read() as connection:
            row = connection.execute(select(workers).where(workers.c.role == ROLE)).one_or_none()
        return None if row is None else _worker(row)

    def identity(self) -> Identity | None:
        """Which process holds the lease."""
        with self._database.read() as connection:
            row = connection.execute(select(workers).where(workers.c.role == ROLE)).one_or_none()
        return None if row is None else Identity(row.id, row.host, row.pid, row.pid_started)

    def acquire(
        self, who: Identity, *, slots: int, lost_seconds: float, is_gone: Callable[[Identity], bool]
    ) -> bool:
        """Takes the lease if nobody alive holds it; of many who try at once, one gets it.

        Args:
            who: the process that wants it.
            slots: how many runs it has room for.
            lost_seconds: silence after which the holder counts as gone.
            is_gone: whether a process is known to have ended (so that nobody has to wait).
        """
        row = {
            "role": ROLE, "id": who.id, "host": who.host, "pid": who.pid,
            "pid_started": who.pid_started, "started_at": now(), "heartbeat_at": now(),
            "ready": False, "slots": slots,
        }  # fmt: skip
        with self._database.write() as connection:
            held = connection.execute(
                select(workers).where(workers.c.role == ROLE).with_for_update()
            ).one_or_none()
            if held is None:
                try:
                    connection.execute(insert(workers).values(**row))
                except IntegrityError:
                    return False
                return True
            holder = Identity(held.id, held.host, held.pid, held.pid_started)
            if now() - held.heartbeat_at < lost_seconds and not is_gone(holder):
                return False
            connection.execute(update(workers).where(workers.c.role == ROLE).values(**row))
            return True

    def renew(self, worker_id: str, *, ready: bool) -> bool:
        """Says that the holder is alive; False if somebody else holds the lease by now."""
        query = update(workers).where(workers.c.role == ROLE, workers.c.id == worker_id)
        with self._database.write() as connection:
            return connection.execute(query.values(heartbeat_at=now(), ready=ready)).rowcount == 1

    def release(self, worker_id: str) -> None:
        """Gives the lease back."""
        with self._database.write() as connection:
            connection.execute(delete(workers).where(workers.c.role == ROLE, workers.c.id == worker_id))


def _worker(row: Row[Any]) -> Worker:
    return Worker(
        id=row.id,
        host=row.host,
        pid=row.pid,
        started_at=moment(row.started_at),
        heartbeat_at=moment(row.heartbeat_at),
        ready=row.ready,
        slots=row.slots,
    )
