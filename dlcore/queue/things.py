"""Whose the things are that can be shared, and what they are called."""

from __future__ import annotations

from contextlib import suppress

from dlcore.access.permissions import Kind
from dlcore.errors import DlcoreError
from dlcore.queue.library import Library
from dlcore.records.shares import Thing
from dlcore.store import Store


def name_of(store: Store, thing: Thing) -> str:
    """Returns what a thing is called; its id if it is gone."""
    with suppress(DlcoreError):
        match thing.kind:
            case Kind.RUN:
                return store.runs.get(thing.name).name
            case Kind.STUDY:
                return store.studies.get(thing.name).name
    return thing.name


def owner_of(store: Store, thing: Thing) -> str:
    """Returns whose a thing is.

    Raises:
        NotFoundError: there is none that the actor may look at.
    """
    match thing.kind:
        case Kind.RUN:
            return store.runs.get(thing.name).owner
        case Kind.STUDY:
            return store.studies.get(thing.name).owner
        case _:
            return Library.of(store).stored(thing.name).facts.owner
