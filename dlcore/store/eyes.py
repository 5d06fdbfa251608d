"""Whose things of a store are, and what an actor may see of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from sqlalchemy import Select, bindparam, select

from dlcore.access.actors import Actor, Role
from dlcore.access.acts import Act
from dlcore.access.permissions import PRIVATE, Kind, Sharing, Sight, Verb, check, may, missing
from dlcore.store import Store
from dlcore.store.shown import as_shown
from dlcore.store.tables import drafts, jobs, runs, studies

# Built once: to build a statement takes several times as long as to carry it out.
_OWNERS: Mapping[Kind, Select[tuple[str, str]]] = {
    kind: select(table.c.id, table.c.owner).where(table.c.id.in_(bindparam("these", expanding=True)))
    for kind, table in {Kind.RUN: runs, Kind.STUDY: studies, Kind.DRAFT: drafts, Kind.JOB: jobs}.items()
}


_Seen = TypeVar("_Seen")
KNOWN_SECONDS = 1.0
"""How long it is relied on whose a thing is: it stays that, but for one that is deleted and comes again by an import."""
MOST_KNOWN = 10_000


class Owners:
    """Tells whose things are and with whom they are shared, by their ids; one for all actors, who ask of the same run
    every second.

    Args:
        store: where the things are.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._known: dict[tuple[Kind, str], tuple[float, str]] = {}
        self._shared: dict[tuple[Kind, str], tuple[float, Sharing]] = {}

    def of(self, kind: Kind, ids: Collection[str]) -> Mapping[str, str]:
        """Returns whose things are, by their ids; those that are gone are left out."""
        now, found, asked = self._clock(), {}, []
        for one in ids:
            until, owner = self._known.get((kind, one), (0.0, ""))
            if now < until:
                found[one] = owner
            else:
                asked.append(one)
        if asked:
            read = self._read(kind, asked)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known.update({(kind, one): (now + KNOWN_SECONDS, owner) for one, owner in read.items()})
            found |= read
        return found

    def shared(self, kind: Kind, owners: Mapping[str, str]) -> Mapping[str, Sharing]:
        """Returns with whom things are shared.

        Args:
            kind: of the things.
            owners: whose they are, by their ids.
        """
        now = self._clock()
        known = {one: self._shared.get((kind, one), (0.0, PRIVATE)) for one in owners}
        asked = [one for one, (until, _sharing) in known.items() if now >= until]
        found = {one: sharing for one, (until, sharing) in known.items() if now < until}
        if asked:
            read = self._store.shares.of(kind, asked, owners)
            if len(self._shared) >= MOST_KNOWN:
                self._shared.clear()
            for one in asked:
                found[one] = read.get(one, PRIVATE)
                self._shared[kind, one] = (now + KNOWN_SECONDS, found[one])
        return found

    def forget_shared(self) -> None:
        """Makes what is shared be read again: in this process a link that is revoked is dead at once."""
        self._shared.clear()

    def _read(self, kind: Kind, ids: Collection[str]) -> dict[str, str]:
        with self._store.database.read() as connection:
            rows = connection.execute(_OWNERS[kind], {"these": list(ids)})
            return {row.id: row.owner for row in rows}


class Eyes:
    """What an actor may see of a store.

    Args:
        owners: tells whose things are.
        actor: who looks.
        take: counts what they do, and refuses what is too often.
    """

    def __init__(self, owners: Owners, actor: Actor, take: Callable[[Act], None] = lambda _act: None) -> None:
        self.owners, self.actor, self.take = owners, actor, take

    def check(self, verb: Verb, kind: Kind, item_id: str) -> None:
        """Checks that the actor may do that to a thing of that id.

        Raises:
            NotFoundError: there is none that the actor may see.
            PermissionDeniedError: the actor may see it, but not do that.
        """
        owner = self.owners.of(kind, [item_id]).get(item_id)
        if owner is None:
            raise missing(kind, item_id)
        check(self.actor, verb, kind, owner, item_id, sharing=self.sharing(kind, {item_id: owner})[item_id])

    def may(self, verb: Verb, kind: Kind, item_id: str, owner: str) -> bool:
        """Returns whether the actor may do that to a thing of that id and owner."""
        return may(self.actor, verb, kind, owner, self.sharing(kind, {item_id: owner})[item_id])

    def visible(self, kind: Kind, ids: Collection[str]) -> frozenset[str]:
        """Returns those of some ids of which there is a thing that the actor may look at."""
        owners = self.owners.of(kind, ids)
        sharing = self.sharing(kind, owners)
        return frozenset(
            one for one, owner in owners.items() if may(self.actor, Verb.LOOK, kind, owner, sharing[one])
        )

    def sharing(self, kind: Kind, owners: Mapping[str, str]) -> Mapping[str, Sharing]:
        """Returns with whom things are shared; of the actor's own that does not matter, and nobody asks."""
        others = {one: owner for one, owner in owners.items() if owner != self.actor.id}
        shared = self.owners.shared(kind, others) if others else {}
        return {one: shared.get(one, PRIVATE) for one in owners}

    def sight(self, kind: Kind, item_id: str) -> Sight:
        """Returns how much of a thing of that id the actor sees."""
        if self.actor.role is Role.ADMIN:
            return Sight.ADMIN
        owner = self.owners.of(kind, [item_id]).get(item_id)
        if owner is None or not self.may(Verb.LOOK, kind, item_id, owner):
            return Sight.NONE
        return Sight.WHOLE if self.may(Verb.READ, kind, item_id, owner) else Sight.SHOWN

    def shown(self, kind: Kind, item_id: str, owner: str, item: _Seen) -> _Seen:
        """Returns a run, a study or a trial as whoever may look at the thing of that id may see it."""
        return item if self.may(Verb.READ, kind, item_id, owner) else as_shown(item)
