"""The ids of what a store holds: too long to be guessed, so that whoever names one has been given it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import select, union_all

from dlcore.errors import N_, NotFoundError
from dlcore.store.database import Database
from dlcore.store.tables import drafts, runs, studies

SHOWN = 10
"""Characters of an id that people are shown, and as many as all ids had once: enough to tell a store's own apart."""
LEAST = 4
"""Characters that a person has to type of one."""


def new_id() -> str:
    """Returns an id of 128 random bits, in hexadecimal digits."""
    return secrets.token_hex(16)


def short_id(whole: str) -> str:
    """Returns the beginning of an id, for people to read and to type.

    Example:
        >>> short_id("8fd3a2c1b05e4f7a9d6c3b2a1f0e9d8c"), short_id("8fd3a2c1b0")
        ('8fd3a2c1b0', '8fd3a2c1b0')
    """
    return whole[:SHOWN]


class Ids:
    """Finds whole ids by their beginnings: for the owner of the store at a terminal, never for a page or a route."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def whole(self, beginning: str) -> str:
        """Returns the id of the only run, study or draft whose id begins so; what begins none is returned as it is.

        Raises:
            NotFoundError: several ids begin so.
        """
        if not (beginning.isascii() and beginning.isalnum() and len(beginning) >= LEAST):
            return beginning
        found = self._beginning(beginning)
        if beginning in found or not found:
            return beginning
        if len(found) > 1:
            raise NotFoundError(
                N_("several ids begin with '{id}': {ids}."),
                hint=N_("Type more of the one that is meant."),
                id=beginning,
                ids=", ".join(one[: len(beginning) + LEAST] for one in found[:5]),
            )
        return found[0]

    def _beginning(self, text: str) -> Sequence[str]:
        queries = [
            select(table.c.id).where(table.c.id.startswith(text, autoescape=True))
            for table in (runs, studies, drafts)
        ]
        with self._database.read() as connection:
            return sorted(connection.execute(union_all(*queries)).scalars())
