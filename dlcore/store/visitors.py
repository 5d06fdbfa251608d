"""The visitors of a demo: browsers that have opened a page, and whether their cookies still count."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dlcore.access.actors import Actor, Role
from dlcore.store.database import Database, enum_member, now
from dlcore.store.tables import visitors
from dlcore.store.usage_tables import departures

SEEN_SECONDS = 600.0
"""How exactly it is kept when somebody was last here: one write in so many seconds."""


@dataclass(frozen=True)
class Visitor:
    """One of them.

    Attributes:
        actor: who they are; what they make belongs to its id.
        first_seen, last_seen: seconds since 1970.
        not_before: cookies that were signed before this moment do not count, in seconds since 1970.
    """

    actor: Actor
    first_seen: float
    last_seen: float
    not_before: float


class Visitors:
    """The visitors of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: Actor) -> None:
        """Adds one, unless two of their pages do so at once."""
        at = now()
        row = {"id": actor.id, "role": actor.role.value, "first_seen": at, "last_seen": at, "not_before": 0.0}
        # Suppressed within the transaction, which makes a StoreError of it on its way out.
        with self._database.write() as connection, suppress(IntegrityError):
            connection.execute(insert(visitors).values(**row))

    def find(self, visitor_id: str) -> Visitor | None:
        """Returns the one of that id, if any."""
        with self._database.read() as connection:
            row = connection.execute(select(visitors).where(visitors.c.id == visitor_id)).one_or_none()
        if row is None:
            return None
        actor = Actor(row.id, enum_member(Role, row.role))
        return Visitor(actor, row.first_seen, row.last_seen, row.not_before)

    def see(self, visitor: Visitor) -> None:
        """Notes that someone is here, unless that was noted just now."""
        if now() - visitor.last_seen < SEEN_SECONDS:
            return
        with self._database.write() as connection:
            here = visitors.c.id == visitor.actor.id
            connection.execute(update(visitors).where(here).values(last_seen=now()))
            # They are here again, and keep what is still there.
            connection.execute(delete(departures).where(departures.c.owner == visitor.actor.id))

    def end(self, visitor_id: str) -> None:
        """Makes all cookies that a visitor has been given so far count no more."""
        with self._database.write() as connection:
            here = visitors.c.id == visitor_id
            connection.execute(update(visitors).where(here).values(not_before=now()))

    def sweep(self, *, before: float) -> int:
        """Removes those who were last seen before a moment, and returns how many; what they made stays."""
        with self._database.write() as connection:
            return connection.execute(delete(visitors).where(visitors.c.last_seen < before)).rowcount
