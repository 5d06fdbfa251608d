"""Of whom all that they have is being removed: at their wish, or because they were not here for long."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from dlcore.access.actors import Role
from dlcore.store.database import Database, now
from dlcore.store.tables import visitors
from dlcore.store.usage_tables import departures

_GOING = departures.c.ended_at.is_(None)


class Departures:
    """The departures of a store; the supervisor carries them out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, owner: str) -> None:
        """Notes that from now on all that somebody has is being removed."""
        # Suppressed within the transaction, which makes a StoreError of it on its way out: two of their pages ask.
        with self._database.write() as connection, suppress(IntegrityError):
            connection.execute(delete(departures).where(departures.c.owner == owner))
            connection.execute(insert(departures).values(owner=owner, began_at=now()))

    def begin_old_visitors(self, *, before: float) -> int:
        """Lets all be removed that visitors have who were last seen before a moment; returns how many they are.

        Members are no visitors: what they have stays. Who comes back meanwhile keeps what is still there.
        """
        old = (visitors.c.last_seen < before) & (visitors.c.role == Role.VISITOR.value)
        known = select(departures.c.owner)
        chosen = select(visitors.c.id, literal(now())).where(old, visitors.c.id.not_in(known))
        with self._database.write() as connection:
            return connection.execute(insert(departures).from_select(["owner", "began_at"], chosen)).rowcount

    def going(self) -> Sequence[str]:
        """Returns those of whom something is left to remove."""
        query = select(departures.c.owner).where(_GOING).order_by(departures.c.began_at)
        with self._database.read() as connection:
            return connection.execute(query).scalars().all()

    def end(self, owner: str, *, begun_before: float) -> bool:
        """Notes that nothing of somebody's is left, if their departure began before a moment; returns whether it did."""
        here = (departures.c.owner == owner) & (departures.c.began_at < begun_before)
        with self._database.write() as connection:
            return bool(connection.execute(update(departures).where(here).values(ended_at=now())).rowcount)

    def sweep(self, *, before: float) -> int:
        """Removes the notes of those that ended before a moment, and returns how many."""
        with self._database.write() as connection:
            return connection.execute(delete(departures).where(departures.c.ended_at < before)).rowcount
