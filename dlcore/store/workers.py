"""The lease of the one supervisor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dlcore.errors import Message
from dlcore.records import Program, Worker
from dlcore.store.database import Database, now, to_datetime
from dlcore.store.schema import PROGRAM
from dlcore.store.tables import workers

ROLE = "supervisor"


@dataclass(frozen=True)
class Identity:
    """Which process it is: a pid alone could be another's by now, with its start it is not.

    Attributes:
        id: a name of its own.
        host: the machine that it is on.
        pid: its number there.
        pid_started: what tells it from all others that ever had that number; empty if that is not known.
    """

    id: str
    host: str
    pid: int
    pid_started: str


class Workers:
    """The lease that decides which process supervises a store; it must be renewed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Worker | None:
        """Returns the one that holds the lease, alive or not."""
        with self._database.read() as connection:
            row = connection.execute(select(workers).where(workers.c.role == ROLE)).one_or_none()
        return None if row is None else _worker(row)

    def identity(self) -> Identity | None:
        """Returns which process holds the lease."""
        with self._database.read() as connection:
            row = connection.execute(select(workers).where(workers.c.role == ROLE)).one_or_none()
        return None if row is None else Identity(row.id, row.host, row.pid, row.pid_started)

    def acquire(
        self,
        who: Identity,
        *,
        program: Program = PROGRAM,
        slots: int,
        lost_seconds: float,
        is_gone: Callable[[Identity], bool],
    ) -> bool:
        """Takes the lease if no living process holds it, or an older program; of many concurrent callers,
        one gets it.

        An older program that held it learns that before it starts another run, and leaves; its runs continue.

        Args:
            who: the process that wants it.
            program: which one it runs.
            slots: how many runs it has room for.
            lost_seconds: silence after which the holder counts as gone.
            is_gone: whether a process is known to have ended (so that no one has to wait).
        """
        row = {
            "role": ROLE, "id": who.id, "host": who.host, "pid": who.pid,
            "pid_started": who.pid_started, "version": program.version, "schema": program.schema,
            "started_at": now(), "heartbeat_at": now(), "ready": False, "slots": slots, "trouble": None,
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
            alive = now() - held.heartbeat_at < lost_seconds and not is_gone(holder)
            if alive and not Program(held.version, held.schema).is_older_than(program):
                return False
            connection.execute(update(workers).where(workers.c.role == ROLE).values(**row))
            return True

    def renew(self, worker_id: str, *, ready: bool, trouble: Message | None = None) -> bool:
        """Says that the holder is alive; False if it does not hold the lease any more.

        Args:
            worker_id: the holder.
            ready: whether it can start a run immediately.
            trouble: what keeps it from driving searches, if anything.
        """
        query = update(workers).where(workers.c.role == ROLE, workers.c.id == worker_id)
        said = None if trouble is None else trouble.to_dict()
        with self._database.write() as connection:
            values = {"heartbeat_at": now(), "ready": ready, "trouble": said}
            return connection.execute(query.values(**values)).rowcount == 1

    def release(self, worker_id: str) -> None:
        """Gives the lease back."""
        with self._database.write() as connection:
            connection.execute(delete(workers).where(workers.c.role == ROLE, workers.c.id == worker_id))


def _worker(row: Row[Any]) -> Worker:
    return Worker(
        id=row.id,
        host=row.host,
        pid=row.pid,
        program=Program(row.version, row.schema),
        started_at=to_datetime(row.started_at),
        heartbeat_at=to_datetime(row.heartbeat_at),
        ready=row.ready,
        slots=row.slots,
        trouble=None if row.trouble is None else Message.from_dict(row.trouble),
    )
