"""Drafts: experiments that people are working on."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from dlcore.access.permissions import check_owner
from dlcore.errors import N_, NotFoundError
from dlcore.records import Draft
from dlcore.store.database import Database, now, to_datetime
from dlcore.store.tables import drafts


class Drafts:
    """The drafts of a store; each is seen and changed by its owner alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, spec: dict[str, Any], *, owner: str, search: dict[str, Any] | None = None) -> Draft:
        """Returns a new draft, with or without a search around it."""
        draft = Draft(secrets.token_hex(5), owner, spec, to_datetime(now()), search or {})
        row = {
            "id": draft.id, "owner": owner, "spec": spec, "search": draft.search,
            "updated_at": draft.updated_at.timestamp(),
        }  # fmt: skip
        with self._database.write() as connection:
            connection.execute(insert(drafts).values(**row))
        return draft

    def get(self, draft_id: str, *, actor: str) -> Draft:
        """Returns the draft of that id.

        Raises:
            NotFoundError: there is none.
            PermissionDeniedError: it is someone else's.
        """
        with self._database.read() as connection:
            row = connection.execute(select(drafts).where(drafts.c.id == draft_id)).one_or_none()
        if row is None:
            raise NotFoundError(N_("there is no draft '{id}'."), hint=N_("Start a new one."), id=draft_id)
        check_owner(row.owner, actor, where=draft_id)
        return _draft(row)

    def latest(self, *, owner: str) -> Draft | None:
        """Returns the draft that the user changed last."""
        query = select(drafts).where(drafts.c.owner == owner).order_by(drafts.c.updated_at.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _draft(row)

    def list(self, *, owner: str, limit: int = 1_000) -> list[Draft]:
        """Returns the drafts of a user, the one changed last first."""
        query = (
            select(drafts).where(drafts.c.owner == owner).order_by(drafts.c.updated_at.desc()).limit(limit)
        )
        with self._database.read() as connection:
            return [_draft(row) for row in connection.execute(query)]

    def save(
        self, draft_id: str, spec: dict[str, Any], *, actor: str, search: dict[str, Any] | None = None
    ) -> None:
        """Replaces the spec of a draft, and what is searched around it unless that is None.

        Raises:
            NotFoundError: there is none.
            PermissionDeniedError: it is someone else's.
        """
        self.get(draft_id, actor=actor)
        values = {"spec": spec, "updated_at": now(), **({} if search is None else {"search": search})}
        with self._database.write() as connection:
            connection.execute(update(drafts).where(drafts.c.id == draft_id).values(**values))

    def delete(self, draft_id: str, *, actor: str) -> None:
        """Removes a draft.

        Raises:
            NotFoundError: there is none.
            PermissionDeniedError: it is someone else's.
        """
        self.get(draft_id, actor=actor)
        with self._database.write() as connection:
            connection.execute(delete(drafts).where(drafts.c.id == draft_id))

    def sweep(self, spec: dict[str, Any], *, before: float) -> int:
        """Removes everybody's drafts that hold just this spec, no search, and were last changed before a moment.

        Returns:
            How many were removed.
        """
        old = drafts.c.updated_at < before
        with self._database.write() as connection:
            rows = connection.execute(select(drafts.c.id, drafts.c.spec, drafts.c.search).where(old))
            empty = [row.id for row in rows if row.spec == spec and not row.search]
            for draft_id in empty:
                connection.execute(delete(drafts).where(drafts.c.id == draft_id, old))
        return len(empty)


def _draft(row: Row[Any]) -> Draft:
    return Draft(row.id, row.owner, row.spec, to_datetime(row.updated_at), row.search)
