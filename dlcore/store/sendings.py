"""Files that browsers began to send: how many of whom, whatever became of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from dlcore.store.database import Database, now
from dlcore.store.usage_tables import sendings


class Sendings:
    """The files that were begun to be sent to a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, *, owner: str) -> None:
        """Notes that somebody begins to send a file."""
        with self._database.write() as connection:
            connection.execute(insert(sendings).values(owner=owner, at=now()))

    def moments(self, *, owner: str, since: float) -> Sequence[float]:
        """Returns when somebody began to send files after a moment, in seconds since 1970, the earliest first."""
        query = select(sendings.c.at).where(sendings.c.owner == owner, sendings.c.at > since)
        with self._database.read() as connection:
            return connection.execute(query.order_by(sendings.c.at)).scalars().all()

    def sweep(self, *, before: float) -> int:
        """Removes those before a moment, and returns how many."""
        with self._database.write() as connection:
            return connection.execute(delete(sendings).where(sendings.c.at < before)).rowcount
