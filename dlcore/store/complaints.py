"""What was reported of things that are shown, and which of them may not be shared any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, func, insert, select, update

from dlcore.access.permissions import Kind
from dlcore.records.complaints import Complaint, Ground, Resolution
from dlcore.records.shares import Thing
from dlcore.store.database import Database, enum_member, now, to_datetime
from dlcore.store.ids import new_id
from dlcore.store.moderation_tables import complaints, hidden
from dlcore.store.share_tables import shares

_COLUMNS = {Kind.RUN: "run_id", Kind.STUDY: "study_id", Kind.DATASET: "dataset"}
MOST_OPEN = 500
"""Complaints that are listed at once, the newest."""


@dataclass(frozen=True)
class Hidden:
    """A thing that may not be shared any more.

    Attributes:
        owner: whose it is.
        by: the id of the admin who has hidden it.
    """

    thing: Thing
    owner: str
    at: datetime
    by: str


class Complaints:
    """The complaints of a store. Whoever asks here has been checked: see `queue.complaints` and `gate`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, thing: Thing, *, owner: str, reporter: str, ground: Ground, words: str) -> Complaint:
        """Returns what somebody reports of a thing; who has done so before and was not heard yet changes that.

        Args:
            thing: what it is about.
            owner: whose it is.
            reporter: who reports it.
            ground: why.
            words: what they add.
        """
        said = {"ground": ground.value, "words": words, "created_at": now()}
        with self._database.write() as connection:
            mine = _is(complaints, thing, owner) & (complaints.c.reporter == reporter)
            query = select(complaints.c.id).where(mine, complaints.c.resolution.is_(None))
            complaint_id = connection.execute(query).scalar()
            if complaint_id is None:
                complaint_id = new_id()
                about = {_COLUMNS[thing.kind]: thing.name, "owner": owner, "reporter": reporter}
                connection.execute(insert(complaints).values(id=complaint_id, **about, **said))
            else:
                connection.execute(update(complaints).where(complaints.c.id == complaint_id).values(**said))
            row = connection.execute(select(complaints).where(complaints.c.id == complaint_id)).one()
        return _complaint(row)

    def open(self) -> Sequence[Complaint]:
        """Returns those that nobody has decided on, the newest first."""
        query = select(complaints).where(complaints.c.resolution.is_(None))
        query = query.order_by(complaints.c.created_at.desc(), complaints.c.id).limit(MOST_OPEN)
        with self._database.read() as connection:
            return [_complaint(row) for row in connection.execute(query)]

    def count_open(self) -> int:
        """Returns how many nobody has decided on."""
        query = select(func.count()).select_from(complaints).where(complaints.c.resolution.is_(None))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def resolve(self, thing: Thing, resolution: Resolution, *, owner: str, by: str) -> int:
        """Decides on all open complaints about a thing, and returns how many there were.

        What is hidden is shared with nobody from then on, and its owner can't change that.

        Args:
            thing: what they are about.
            resolution: what becomes of them.
            owner: whose it is.
            by: who decides.
        """
        about = _is(complaints, thing, owner) & complaints.c.resolution.is_(None)
        decided: Mapping[str, Any] = {"resolution": resolution.value, "resolved_at": now(), "resolved_by": by}
        with self._database.write() as connection:
            if resolution is Resolution.HIDDEN:
                connection.execute(delete(shares).where(_is(shares, thing, owner)))
                connection.execute(delete(hidden).where(_is(hidden, thing, owner)))
                row = {_COLUMNS[thing.kind]: thing.name, "owner": owner, "hidden_at": now(), "hidden_by": by}
                connection.execute(insert(hidden).values(**row))
            return connection.execute(update(complaints).where(about).values(**decided)).rowcount

    def is_hidden(self, thing: Thing, *, owner: str) -> bool:
        """Returns whether an owner may not share a thing any more."""
        with self._database.read() as connection:
            return (
                connection.execute(select(hidden.c.id).where(_is(hidden, thing, owner))).first() is not None
            )

    def hidden(self) -> Sequence[Hidden]:
        """Returns what may not be shared any more, what was hidden last first."""
        query = select(hidden).order_by(hidden.c.hidden_at.desc(), hidden.c.id).limit(MOST_OPEN)
        with self._database.read() as connection:
            return [
                Hidden(_thing(row), row.owner, to_datetime(row.hidden_at), row.hidden_by)
                for row in connection.execute(query)
            ]

    def allow(self, thing: Thing, *, owner: str) -> bool:
        """Lets an owner share a thing again; returns whether they could not."""
        with self._database.write() as connection:
            return connection.execute(delete(hidden).where(_is(hidden, thing, owner))).rowcount > 0

    def forget_dataset(self, name: str) -> None:
        """Removes what was said of a dataset that is about to be removed."""
        with self._database.write() as connection:
            for table in (complaints, hidden):
                connection.execute(delete(table).where(table.c.dataset == name))


def _is(table: Table, thing: Thing, owner: str) -> ColumnElement[bool]:
    """Returns the condition that a row is about a thing as its owner's: another's dataset may get the same name."""
    return (table.c[_COLUMNS[thing.kind]] == thing.name) & (table.c.owner == owner)


def _thing(row: Row[Any]) -> Thing:
    return next(
        Thing(kind, name) for kind, column in _COLUMNS.items() if (name := row._mapping[column]) is not None
    )


def _complaint(row: Row[Any]) -> Complaint:
    return Complaint(
        row.id,
        _thing(row),
        row.owner,
        row.reporter,
        enum_member(Ground, row.ground),
        row.words,
        to_datetime(row.created_at),
    )
