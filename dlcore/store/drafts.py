"""Drafts: experiments that people are working on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select, update

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb, check, missing
from dlcore.records import Annotation, Draft
from dlcore.store.annotations import name_and_number, read_annotation
from dlcore.store.database import Database, now, to_datetime
from dlcore.store.ids import new_id
from dlcore.store.tables import drafts, runs, studies


class Drafts:
    """The drafts of a store; each is seen and changed by its owner alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        spec: dict[str, Any],
        *,
        owner: str,
        search: dict[str, Any] | None = None,
        template: str = "",
    ) -> Draft:
        """Returns a new draft, with or without a search around it.

        Args:
            spec: the experiment; without a name it gets one that counts.
            owner: whose it is.
            search: what is searched around it.
            template: the name of its network's.
        """
        row = {
            "id": new_id(), "owner": owner, "spec": spec, "search": search or {},
            "updated_at": now(),
        }  # fmt: skip
        with self._database.write() as connection:
            row |= _called(connection, spec, owner=owner, template=template)
            connection.execute(insert(drafts).values(**row))
        return self.get(str(row["id"]), actor=Actor(owner))

    def get(self, draft_id: str, *, actor: Actor, verb: Verb = Verb.READ) -> Draft:
        """Returns the draft of that id, which the actor may see, and do that with.

        Raises:
            NotFoundError: there is none of theirs.
        """
        with self._database.read() as connection:
            row = connection.execute(select(drafts).where(drafts.c.id == draft_id)).one_or_none()
        if row is None:
            raise missing(Kind.DRAFT, draft_id)
        check(actor, verb, Kind.DRAFT, row.owner, draft_id)
        return read_draft(row)

    def latest(self, *, owner: str) -> Draft | None:
        """Returns the draft that the user changed last, of those that are not archived."""
        return next(iter(self.list(owner=owner, archived=False, limit=1)), None)

    def list(self, *, owner: str, archived: bool | None = None, limit: int = 1_000) -> list[Draft]:
        """Returns the drafts of a user, the one changed last first.

        Args:
            owner: whose.
            archived: only those that are archived, or only those that are not; by default both.
            limit: how many at most.
        """
        query = select(drafts).where(drafts.c.owner == owner)
        if archived is not None:
            query = query.where(drafts.c.archived == archived)
        query = query.order_by(drafts.c.updated_at.desc()).limit(limit)
        with self._database.read() as connection:
            return [read_draft(row) for row in connection.execute(query)]

    def unstarted(self, *, owner: str) -> Sequence[tuple[str, str]]:
        """Returns ids and names of a user's drafts, but for those that are archived or as they were started.

        Only these columns: a page that shows a list asks it again and again.
        """
        query = select(drafts.c.id, drafts.c.name).where(
            drafts.c.owner == owner, drafts.c.archived.is_(False), is_unstarted()
        )
        with self._database.read() as connection:
            return [(row.id, row.name) for row in connection.execute(query.order_by(drafts.c.id))]

    def save(
        self,
        draft_id: str,
        spec: dict[str, Any],
        *,
        actor: Actor,
        search: dict[str, Any] | None = None,
        template: str = "",
    ) -> None:
        """Replaces the spec of a draft, and what is searched around it unless that is None.

        Its usual name follows dataset and template. A run or a study that was started from it keeps its
        number; what is changed afterwards is another experiment, which gets the next one.

        Args:
            draft_id: which one.
            spec: the experiment.
            actor: who asks.
            search: what is searched around it.
            template: the name of its network's.

        Raises:
            NotFoundError: there is none of the actor's.
        """
        before = self.get(draft_id, actor=actor, verb=Verb.CHANGE)
        values = {"spec": spec, "updated_at": now(), **({} if search is None else {"search": search})}
        same = (before.dataset, before.template) == (_dataset(spec), template)
        with self._database.write() as connection:
            values |= _called(
                connection,
                spec,
                owner=before.owner,
                template=template,
                wanted=before.number if same else None,
            )
            connection.execute(update(drafts).where(drafts.c.id == draft_id).values(**values))

    def note_start(self, draft_id: str, item_id: str) -> None:
        """Notes the run or the study that a draft became, which begins with its notes, tags and star."""
        with self._database.write() as connection:
            columns = (drafts.c.notes, drafts.c.tags, drafts.c.favorite)
            said = connection.execute(select(*columns).where(drafts.c.id == draft_id)).one_or_none()
            if said is not None:
                for table in (runs, studies):
                    connection.execute(update(table).where(table.c.id == item_id).values(**said._mapping))
            connection.execute(
                update(drafts).where(drafts.c.id == draft_id).values(became_id=item_id, started_at=now())
            )

    def delete(self, draft_id: str, *, actor: Actor) -> None:
        """Removes a draft.

        Raises:
            NotFoundError: there is none of the actor's.
        """
        self.get(draft_id, actor=actor, verb=Verb.DELETE)
        with self._database.write() as connection:
            connection.execute(delete(drafts).where(drafts.c.id == draft_id))

    def sweep(self, spec: dict[str, Any], *, before: float) -> int:
        """Removes everybody's drafts that hold just this spec, no search, and were last changed before a moment.

        One that someone has said something of is theirs.

        Returns:
            How many were removed.
        """
        old = drafts.c.updated_at < before
        with self._database.write() as connection:
            found = map(read_draft, connection.execute(select(drafts).where(old)))
            empty = [
                one.id
                for one in found
                if one.spec == spec and not one.search and one.annotation == Annotation()
            ]
            for draft_id in empty:
                connection.execute(delete(drafts).where(drafts.c.id == draft_id, old))
        return len(empty)


def is_unstarted() -> ColumnElement[bool]:
    """Returns the condition that a draft was never started, or is another experiment since."""
    return or_(drafts.c.started_at.is_(None), drafts.c.updated_at > drafts.c.started_at)


def _dataset(spec: dict[str, Any]) -> str:
    return str((spec.get("dataset") or {}).get("name") or "")


def _called(
    connection: Connection, spec: dict[str, Any], *, owner: str, template: str, wanted: int | None = None
) -> dict[str, Any]:
    """Returns the columns that say what a draft is called."""
    dataset, name = _dataset(spec), str(spec.get("name") or "")
    called = name_and_number(
        connection, owner=owner, dataset=dataset, template=template, name=name, wanted=wanted
    )
    return {"dataset": dataset, "template": template, **called}


def read_draft(row: Row[Any]) -> Draft:
    """Returns the draft that a row holds."""
    values = row._mapping
    plain = ("id", "owner", "spec", "search", "name", "dataset", "template", "number", "became_id")
    return Draft(
        updated_at=to_datetime(values["updated_at"]),
        annotation=read_annotation(values),
        **{name: values[name] for name in plain},
    )
