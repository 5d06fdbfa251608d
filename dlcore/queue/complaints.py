"""Reports of what is shown, and what an admin does about them; each checks the actor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from dlcore.access.actors import Actor
from dlcore.access.permissions import PRIVATE, Kind, check_admin
from dlcore.errors import N_, NotFoundError, StateError
from dlcore.queue.things import name_of, owner_of
from dlcore.records.complaints import MOST_WORDS, Complaint, Ground, Resolution
from dlcore.records.shares import Thing
from dlcore.store import Store
from dlcore.store.complaints import Hidden
from dlcore.text import on_one_line


@dataclass(frozen=True)
class Case:
    """A thing that was reported.

    Attributes:
        thing: which one.
        owner: whose it is.
        name: what it is called.
        is_shown: whether others still see it.
        complaints: what was said of it, the newest first.
    """

    thing: Thing
    owner: str
    name: str
    is_shown: bool
    complaints: Sequence[Complaint]


def complain(store: Store, thing: Thing, ground: Ground, words: str, *, actor: Actor) -> Complaint:
    """Reports a thing that is shown to the actor; a trial of a search that is shown is reported as that search.

    Args:
        store: as the actor may see it.
        thing: which one.
        ground: why.
        words: what they add, of which `MOST_WORDS` characters are kept.
        actor: who reports it.

    Raises:
        NotFoundError, SpecError: there is no such thing that they may look at.
        StateError: it is their own.
        TooManyError: they have reported too much.
    """
    thing, owner = _shown_thing(store, thing)
    if owner == actor.id:
        raise StateError(N_("this is your own."), hint=N_("Make it private instead."), where=thing.name)
    said = on_one_line(words)[:MOST_WORDS]
    return store.complaints.add(thing, owner=owner, reporter=actor.id, ground=ground, words=said)


def is_hidden(store: Store, thing: Thing, *, owner: str) -> bool:
    """Returns whether an admin has hidden a thing of the actor's, or the search that it is a trial of."""
    if store.complaints.is_hidden(thing, owner=owner):
        return True
    study = store.runs.get(thing.name).study_id if thing.kind is Kind.RUN else None
    return study is not None and store.complaints.is_hidden(Thing(Kind.STUDY, study), owner=owner)


def cases(store: Store, *, actor: Actor) -> Sequence[Case]:
    """Returns what was reported and not decided on, the latest first.

    Raises:
        PermissionDeniedError: the actor is no admin.
    """
    check_admin(actor, "complaints.look")
    by_thing: dict[tuple[Thing, str], list[Complaint]] = defaultdict(list)
    for one in store.complaints.open():
        by_thing[one.thing, one.owner].append(one)
    return [
        Case(thing, owner, name_of(store, thing), _is_shown(store, thing, owner), found)
        for (thing, owner), found in by_thing.items()
    ]


def count_cases(store: Store, *, actor: Actor) -> int:
    """Returns how many complaints nobody has decided on; see `cases`."""
    check_admin(actor, "complaints.look")
    return store.complaints.count_open()


def hide(store: Store, thing: Thing, *, actor: Actor) -> None:
    """Makes a thing private, whoever has a link to it, until `allow` lets its owner share it again.

    Raises:
        PermissionDeniedError: the actor is no admin.
        NotFoundError: there is no such thing.
    """
    check_admin(actor, "complaints.hide", thing.name)
    owner = owner_of(store, thing)
    store.complaints.resolve(thing, Resolution.HIDDEN, owner=owner, by=actor.id)


def dismiss(store: Store, thing: Thing, *, actor: Actor) -> None:
    """Decides that all reports of a thing so far are none that anything follows from.

    Raises:
        PermissionDeniedError: the actor is no admin.
        NotFoundError: there is no such thing.
    """
    check_admin(actor, "complaints.dismiss", thing.name)
    store.complaints.resolve(thing, Resolution.DISMISSED, owner=owner_of(store, thing), by=actor.id)


def allow(store: Store, thing: Thing, *, actor: Actor) -> None:
    """Lets its owner share again what was hidden; see `dismiss`."""
    check_admin(actor, "complaints.allow", thing.name)
    if not store.complaints.allow(thing, owner=owner_of(store, thing)):
        raise StateError(N_("this is not hidden."), where=thing.name)


def hidden_things(store: Store, *, actor: Actor) -> Sequence[Hidden]:
    """Returns what admins have hidden; see `cases`."""
    check_admin(actor, "complaints.look")
    return store.complaints.hidden()


def _shown_thing(store: Store, thing: Thing) -> tuple[Thing, str]:
    """Returns what is shown where a thing is, and whose it is: of a trial the search, if the actor may look at that."""
    if thing.kind is Kind.RUN:
        study = store.runs.get(thing.name).study_id
        if study is not None:
            with suppress(NotFoundError):
                return Thing(Kind.STUDY, study), store.studies.get(study).owner
    return thing, owner_of(store, thing)


def _is_shown(store: Store, thing: Thing, owner: str) -> bool:
    return store.shares.of(thing.kind, [thing.name], {thing.name: owner}).get(thing.name, PRIVATE) != PRIVATE
