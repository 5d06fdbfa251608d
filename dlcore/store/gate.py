"""The store as one actor may see it: with the same words, and only what the table of rights opens.

A page or a route has no other store than this one. What is not listed in `GATES` cannot be called through it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from sqlalchemy import Select, bindparam, select

from dlcore.access.actors import Actor, Role
from dlcore.access.permissions import Kind, Verb, check, may, missing
from dlcore.errors import N_, PermissionDeniedError
from dlcore.records import Draft, Run, Study
from dlcore.store import Store
from dlcore.store.tables import drafts, jobs, runs, studies

# Built once: to build a statement takes several times as long as to carry it out.
_OWNERS: Mapping[Kind, Select[tuple[str, str]]] = {
    kind: select(table.c.id, table.c.owner).where(table.c.id.in_(bindparam("these", expanding=True)))
    for kind, table in {Kind.RUN: runs, Kind.STUDY: studies, Kind.DRAFT: drafts, Kind.JOB: jobs}.items()
}


KNOWN_SECONDS = 1.0
"""How long it is relied on whose a thing is: it stays that, but for one that is deleted and comes again by an import."""
MOST_KNOWN = 10_000


class Owners:
    """Tells whose things are, by their ids; one for all actors, who ask of the same run every second.

    Args:
        store: where the things are.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._known: dict[tuple[Kind, str], tuple[float, str]] = {}

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

    def _read(self, kind: Kind, ids: Collection[str]) -> dict[str, str]:
        with self._store.database.read() as connection:
            rows = connection.execute(_OWNERS[kind], {"these": list(ids)})
            return {row.id: row.owner for row in rows}


class Eyes:
    """What an actor may see of a store.

    Args:
        owners: tells whose things are.
        actor: who looks.
    """

    def __init__(self, owners: Owners, actor: Actor) -> None:
        self.owners, self.actor = owners, actor

    def check(self, verb: Verb, kind: Kind, item_id: str) -> None:
        """Checks that the actor may do that to a thing of that id.

        Raises:
            NotFoundError: there is none that the actor may see.
            PermissionDeniedError: the actor may see it, but not do that.
        """
        owner = self.owners.of(kind, [item_id]).get(item_id)
        if owner is None:
            raise missing(kind, item_id)
        check(self.actor, verb, kind, owner, item_id)

    def may_read(self, kind: Kind, owner: str) -> bool:
        """Returns whether the actor may see what belongs to that owner."""
        return may(self.actor, Verb.READ, kind, owner)

    def readable(self, kind: Kind, ids: Collection[str]) -> frozenset[str]:
        """Returns those of some ids of which there is a thing that the actor may see."""
        found = self.owners.of(kind, ids)
        return frozenset(one for one, owner in found.items() if self.may_read(kind, owner))


Gate = Callable[[Eyes, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""Calls a method of the store for an actor, with what it was called with, or refuses."""


def _kind_of(item: Run | Study | Draft) -> Kind:
    return Kind.RUN if isinstance(item, Run) else Kind.STUDY if isinstance(item, Study) else Kind.DRAFT


def _free(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what belongs to nobody, or is safe whoever asks."""
    return call(*args, **named)


def _mine(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what is asked by an owner, who is the actor: also where none is named."""
    if named.setdefault("owner", eyes.actor.id) is None:
        named["owner"] = eyes.actor.id
    if named["owner"] != eyes.actor.id:
        raise PermissionDeniedError(N_("this belongs to another user."), where=named["owner"])
    return call(*args, **named)


def _as_actor(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what checks the actor itself; it is this one."""
    return call(*args, **{**named, "actor": eyes.actor})


def _of(kind: Kind, verb: Verb = Verb.READ) -> Gate:
    """Returns a gate for methods whose first argument is a thing of that kind, or its id."""

    def gate(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        item = args[0]
        eyes.check(verb, kind, item if isinstance(item, str) else item.id)
        return call(*args, **named)

    return gate


def _of_any(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what changes a run, a study or a draft, which is the first argument."""
    eyes.check(Verb.CHANGE, _kind_of(args[0]), args[0].id)
    return call(*args, **named)


def _of_version(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what changes a version of a kept model, which is the first argument."""
    eyes.check(Verb.CHANGE, Kind.RUN, args[0].run_id)
    return call(*args, **named)


def _keep(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through what keeps the model of a run, which is the first argument, for the actor."""
    eyes.check(Verb.USE, Kind.RUN, args[0])
    return _mine(eyes, call, args, named)


def _among(kind: Kind) -> Gate:
    """Returns a gate for methods whose first argument is a collection of ids: others are left out."""

    def gate(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        seen = eyes.readable(kind, args[0])
        return call([one for one in args[0] if one in seen], *args[1:], **named)

    return gate


def _trends(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Lets through the trends of runs that the actor may see; others are left out."""
    seen = eyes.readable(Kind.RUN, [one.run_id for one in args[0]])
    return call([one for one in args[0] if one.run_id in seen], *args[1:], **named)


def _found(kind: Kind) -> Gate:
    """Returns a gate for methods that return a thing or None, or things: what the actor may not see is left out."""

    def gate(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        found = call(*args, **named)
        if found is None:
            return None
        if isinstance(found, (list, tuple)):
            return [one for one in found if eyes.may_read(kind, one.owner)]
        return found if eyes.may_read(kind, found.owner) else None

    return gate


def _got(kind: Kind) -> Gate:
    """Returns a gate for methods that return a thing, or raise that there is none."""

    def gate(eyes: Eyes, call: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        found = call(*args, **named)
        check(eyes.actor, Verb.READ, kind, found.owner, args[0])
        return found

    return gate


_RUN, _STUDY, _JOB = _of(Kind.RUN), _of(Kind.STUDY), _of(Kind.JOB)

GATES: Mapping[str, Mapping[str, Gate]] = {
    "runs": {
        **dict.fromkeys(("create", "list", "count", "page", "values", "kinds", "unfinished"), _mine),
        **dict.fromkeys(("progress", "existing"), _among(Kind.RUN)),
        **dict.fromkeys(("children",), _found(Kind.RUN)),
        "get": _got(Kind.RUN),
        "of_trial": _STUDY,
        "position": _RUN,
        "move": _of(Kind.RUN, Verb.CHANGE),
        "request_stop": _of(Kind.RUN, Verb.STOP),
        "delete": _of(Kind.RUN, Verb.DELETE),
    },
    "metrics": dict.fromkeys(("since", "overview", "series", "window", "points", "epoch_curve"), _RUN),
    "trends": {"read": _trends},
    "logs": dict.fromkeys(("since", "tail"), _RUN),
    "drafts": {
        **dict.fromkeys(("create", "latest", "list", "unstarted"), _mine),
        **dict.fromkeys(("get", "save", "delete"), _as_actor),
        "note_start": _of(Kind.DRAFT, Verb.CHANGE),
    },
    "experiments": dict.fromkeys(("page", "any"), _mine),
    "workers": dict.fromkeys(("current", "identity"), _free),
    "artifacts": {"folder": _RUN},
    "jobs": {
        "request": _mine,
        **dict.fromkeys(("find", "find_like"), _found(Kind.JOB)),
        "get": _got(Kind.JOB),
        **dict.fromkeys(("result", "folder"), _JOB),
        "withdraw": _of(Kind.JOB, Verb.STOP),
        "request_cancel": _of(Kind.JOB, Verb.STOP),
    },
    "studies": {
        **dict.fromkeys(("create", "list", "states", "named"), _mine),
        "get": _got(Kind.STUDY),
        **dict.fromkeys(("trials", "latest", "trial", "requests"), _STUDY),
        "best_runs": _among(Kind.STUDY),
        # Which of its verbs it is, the queue has checked: stopping is less than changing.
        "ask": _of(Kind.STUDY, Verb.STOP),
    },
    "annotations": {"tags": _mine, "edit": _of_any},
    "views": dict.fromkeys(("list", "save", "delete"), _mine),
    "registry": {
        **dict.fromkeys(("list", "get", "edit"), _mine),
        "keep": _keep,
        **dict.fromkeys(("of_run", "note_use"), _RUN),
        "of_study": _STUDY,
        **dict.fromkeys(("set_notes", "set_stage", "remove"), _of_version),
    },
    "alerts": {
        **dict.fromkeys(("latest", "count_unseen", "mark_seen"), _mine),
        "of_run": _RUN,
        "of_study": _STUDY,
        "forget": _of(Kind.RUN, Verb.CHANGE),
    },
}
"""For each part of the store the methods that pages and routes may call, and what is looked at."""


class _Part:
    """A part of the store behind its gates."""

    def __init__(self, eyes: Eyes, store: Store, name: str) -> None:
        self._eyes, self._gates, self._part = eyes, GATES[name], getattr(store, name)

    def __getattr__(self, name: str) -> Any:
        gate = self._gates.get(name)
        if gate is None:
            raise AttributeError(f"{name} is not open to pages and routes; see GATES in {__name__}")
        call = getattr(self._part, name)
        return lambda *args, **named: gate(self._eyes, call, args, named)


class _OpenStore:
    """A store behind its gates; `open_to` returns it as the `Store` that it stands for."""

    def __init__(self, store: Store, owners: Owners, actor: Actor) -> None:
        self.eyes = Eyes(owners, actor)
        self.whole, self.reader, self.settings = store, actor, store.settings
        self.refuse_newer = store.refuse_newer

    def __getattr__(self, name: str) -> Any:
        if name not in GATES:
            raise AttributeError(f"{name} is not open to pages and routes; see GATES in {__name__}")
        part = _Part(self.eyes, self.whole, name)
        setattr(self, name, part)
        return part


def open_to(store: Store, actor: Actor, owners: Owners | None = None) -> Store:
    """Returns the store as the actor may see it; the owner of the machine has all of it.

    Args:
        store: the whole of it.
        actor: who asks.
        owners: what is known already of whose things are.
    """
    if actor.role is Role.ADMIN:
        return store
    return cast(Store, _OpenStore(store, owners or Owners(store), actor))
