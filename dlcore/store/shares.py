"""What is shared: which things everybody may look at, and the links that show one to whoever has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    true,
    union_all,
    update,
)

from dlcore.access.permissions import Kind, Sharing
from dlcore.errors import N_, StateError
from dlcore.records import Run, RunState
from dlcore.records.shares import Link, Thing
from dlcore.store.database import Database, now, to_datetime
from dlcore.store.run_rows import read_run
from dlcore.store.share_tables import links, shares
from dlcore.store.tables import runs

MOST_LINKS = 200
"""Of one owner that have not been revoked."""
_COLUMNS = {Kind.RUN: shares.c.run_id, Kind.STUDY: shares.c.study_id, Kind.DATASET: shares.c.dataset}
_OPEN = shares.outerjoin(links, links.c.id == shares.c.link_id)
_PUBLIC_RUNS = shares.join(
    runs, (runs.c.id == shares.c.run_id) & (runs.c.owner == shares.c.owner) & shares.c.link_id.is_(None)
)
_LIVE = links.c.revoked_at.is_(None)


def _shares_of(kind: Kind) -> Select[tuple[str, str, str]]:
    """Returns the query of who may look at some things: the thing, and the hash of a token, or none for everybody."""
    column = _COLUMNS[kind]
    given: BindParameter[list[str]] = bindparam("these", expanding=True)
    query = select(column.label("thing"), links.c.token_hash, shares.c.owner).select_from(_OPEN)
    direct = query.where(_LIVE, column.in_(given))
    if kind is not Kind.RUN:
        return direct
    # The runs of a study are its trials: whoever may look at it may look at them.
    joined = _OPEN.join(runs, runs.c.study_id == shares.c.study_id)
    trials = select(runs.c.id.label("thing"), links.c.token_hash, shares.c.owner).select_from(joined)
    both = union_all(direct, trials.where(_LIVE, runs.c.id.in_(given))).subquery()
    return select(both.c.thing, both.c.token_hash, both.c.owner)


# Built once: to build a statement takes several times as long as to carry it out.
_SHARES = {kind: _shares_of(kind) for kind in _COLUMNS}


class Shares:
    """What is shared of a store. Whoever asks here has been checked: see `queue.sharing` and `gate`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, kind: Kind, names: Collection[str], owners: Mapping[str, str]) -> Mapping[str, Sharing]:
        """Returns who may look at things besides their owners; those that are private are left out.

        Args:
            kind: of the things.
            names: their ids, or their names.
            owners: whose they are. What somebody else has shared under that name, counts for nothing: the name of a
                dataset can be taken anew.
        """
        if kind not in _SHARES or not names:
            return {}
        with self._database.read() as connection:
            rows = connection.execute(_SHARES[kind], {"these": list(names)}).all()
        found: dict[str, set[str | None]] = defaultdict(set)
        for row in rows:
            if owners.get(row.thing) == row.owner:
                found[row.thing].add(row.token_hash)
        return {
            name: Sharing(None in hashes, frozenset(one for one in hashes if one is not None))
            for name, hashes in found.items()
        }

    def publish(self, thing: Thing, *, owner: str) -> None:
        """Lets everybody look at a thing."""
        with self._database.write() as connection:
            if connection.execute(select(shares.c.id).where(*_public(thing, owner))).first() is None:
                _add(connection, [thing], owner=owner, link_id=None)

    def withdraw(self, thing: Thing, *, owner: str) -> None:
        """Lets no longer everybody look at a thing; its links stay."""
        with self._database.write() as connection:
            connection.execute(delete(shares).where(*_public(thing, owner)))

    def add_link(self, things: Sequence[Thing], *, owner: str, link_id: str, token_hash: str) -> Link:
        """Adds a link to a thing, or to several together.

        Raises:
            StateError: the owner has too many.
        """
        with self._database.write() as connection:
            live = select(links.c.id).where(links.c.owner == owner, _LIVE)
            if len(connection.execute(live).all()) >= MOST_LINKS:
                raise StateError(
                    N_("the number of links may be at most {most}."),
                    hint=N_("Revoke one that you no longer need."),
                    most=MOST_LINKS,
                )
            at = now()
            row = {"id": link_id, "owner": owner, "token_hash": token_hash, "created_at": at}
            connection.execute(insert(links).values(**row))
            _add(connection, things, owner=owner, link_id=link_id)
        return Link(link_id, owner, token_hash, tuple(things), to_datetime(at))

    def is_public(self, thing: Thing, *, owner: str) -> bool:
        """Returns whether its owner lets everybody look at a thing."""
        with self._database.read() as connection:
            return connection.execute(select(shares.c.id).where(*_public(thing, owner))).first() is not None

    def links_with(self, thing: Thing, *, owner: str) -> list[Link]:
        """Returns an owner's links that show a thing, alone or with others, the newest first."""
        query = (
            select(links)
            .join(shares, shares.c.link_id == links.c.id)
            .where(links.c.owner == owner, _LIVE, _COLUMNS[thing.kind] == thing.name)
            .order_by(links.c.created_at.desc(), links.c.id)
        )
        with self._database.read() as connection:
            return [_link(connection, row) for row in connection.execute(query).all()]

    def opened(self, token_hash: str) -> Link | None:
        """Returns the link of a token; None if there is none, or it was revoked, or nothing is left to show."""
        with self._database.read() as connection:
            row = connection.execute(
                select(links).where(links.c.token_hash == token_hash, _LIVE)
            ).one_or_none()
            link = None if row is None else _link(connection, row)
        return link if link and link.things else None

    def end_all(self, *, owner: str) -> None:
        """Shows nothing of an owner's to anybody any more; their links are removed."""
        with self._database.write() as connection:
            connection.execute(delete(shares).where(shares.c.owner == owner))
            connection.execute(delete(links).where(links.c.owner == owner))

    def revoke(self, link_id: str, *, owner: str) -> None:
        """Makes a link show nothing any more; that it does not already is no error."""
        mine = (links.c.id == link_id) & (links.c.owner == owner) & _LIVE
        with self._database.write() as connection:
            connection.execute(update(links).where(mine).values(revoked_at=now()))

    def forget_dataset(self, name: str) -> None:
        """Removes what is shared under the name of a dataset that is about to be removed."""
        with self._database.write() as connection:
            connection.execute(delete(shares).where(shares.c.dataset == name))

    def count_public_runs(self) -> int:
        """Returns how many runs everybody may look at by themselves, not as trials of a search."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(_PUBLIC_RUNS)).scalar_one()

    def public_runs(self, *, limit: int, offset: int = 0, ended: bool = False) -> list[Run]:
        """Returns the runs that everybody may look at by themselves, the one that was shown last first.

        Args:
            limit: how many at most.
            offset: how many to leave out.
            ended: only those that have been trained to their end.
        """
        query = (
            select(runs)
            .select_from(_PUBLIC_RUNS)
            .where(runs.c.state == RunState.COMPLETED.value if ended else true())
            .order_by(shares.c.created_at.desc(), shares.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._database.read() as connection:
            return [read_run(row) for row in connection.execute(query)]


def _public(thing: Thing, owner: str) -> Sequence[ColumnElement[bool]]:
    return (_COLUMNS[thing.kind] == thing.name, shares.c.link_id.is_(None), shares.c.owner == owner)


def _add(connection: Connection, things: Sequence[Thing], *, owner: str, link_id: str | None) -> None:
    at = now()
    for thing in things:
        which = {_COLUMNS[thing.kind].name: thing.name}
        connection.execute(insert(shares).values(owner=owner, link_id=link_id, created_at=at, **which))


def _link(connection: Connection, row: Row[tuple[str, str, str, float, float]]) -> Link:
    query = select(shares).where(shares.c.link_id == row.id).order_by(shares.c.id)
    things = [
        Thing(kind, name)
        for share in connection.execute(query)
        for kind, column in _COLUMNS.items()
        if (name := share._mapping[column.name]) is not None
    ]
    return Link(row.id, row.owner, row.token_hash, tuple(things), to_datetime(row.created_at))
