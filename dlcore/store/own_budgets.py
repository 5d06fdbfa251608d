"""Budgets of single owners that differ from those of their role."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from dlcore.store.database import Database, now
from dlcore.store.usage_tables import own_budgets


class OwnBudgets:
    """Those of a store, as settings are written: `minutes=60,epochs=none`. Whoever sets one was checked before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, owner: str) -> str:
        """Returns what differs for an owner; empty if nothing does."""
        query = select(own_budgets.c.changes).where(own_budgets.c.owner == owner)
        with self._database.read() as connection:
            return connection.execute(query).scalar() or ""

    def all(self) -> Mapping[str, str]:
        """Returns what differs for whom."""
        with self._database.read() as connection:
            return {row.owner: row.changes for row in connection.execute(select(own_budgets))}

    def set(self, owner: str, changes: str, *, by: str) -> None:
        """Lets an owner have something else than others of their role; the same again if it is empty.

        Args:
            owner: whose budget it is.
            changes: what differs.
            by: who says so.
        """
        with self._database.write() as connection:
            connection.execute(delete(own_budgets).where(own_budgets.c.owner == owner))
            if changes:
                row = {"owner": owner, "changes": changes, "set_at": now(), "set_by": by}
                connection.execute(insert(own_budgets).values(**row))
