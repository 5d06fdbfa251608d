"""Requests to share runs, studies and datasets, and to end that; each checks the actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dlcore.access.actors import Actor
from dlcore.access.links import is_token, link_token, token_hash
from dlcore.access.permissions import PRIVATE, SHAREABLE, Kind, Verb
from dlcore.access.secret import secret_key
from dlcore.errors import N_, NotFoundError, StateError
from dlcore.queue.checks import check_actor
from dlcore.queue.complaints import is_hidden
from dlcore.queue.showable import check_showable
from dlcore.queue.things import owner_of
from dlcore.records.shares import Link, Thing
from dlcore.store import Store
from dlcore.store.ids import new_id

MOST_THINGS = 100
"""Runs of a comparison that one link may show."""


class Visibility(StrEnum):
    """Who may look at a thing besides its owner, and whoever runs the program."""

    PRIVATE = "private"
    LINK = "link"
    PUBLIC = "public"


@dataclass(frozen=True)
class Shared:
    """How a thing is shared.

    Attributes:
        visibility: who may look at it.
        link: the newest one that shows just it; None if there is none.
        with_others: it is also shown together with others: by a link to a comparison, or as a trial of a search.
    """

    visibility: Visibility
    link: Link | None
    with_others: bool


def shared(store: Store, things: Sequence[Thing], *, actor: Actor) -> Shared:
    """Returns how the actor shares one thing, or several runs together.

    Raises:
        NotFoundError, PermissionDeniedError: they are not the actor's.
        StateError: they cannot be shared.
    """
    _check(store, things, actor)
    links = store.shares.links_with(things[0], owner=actor.id)
    own = [link for link in links if set(link.things) == set(things)]
    visibility = Visibility.LINK if own else Visibility.PRIVATE
    with_others = False
    if len(things) == 1:
        (thing,) = things
        found = store.shares.of(thing.kind, [thing.name], {thing.name: actor.id}).get(thing.name, PRIVATE)
        by_itself = store.shares.is_public(thing, owner=actor.id)
        with_others = len(found.links) > len(own) or (found.is_public and not by_itself)
        if by_itself:
            visibility = Visibility.PUBLIC
    return Shared(visibility, own[0] if own else None, with_others)


def share(store: Store, things: Sequence[Thing], visibility: Visibility, *, actor: Actor) -> None:
    """Shares one thing of the actor's, or several runs together; or ends that.

    What is private from now on is shown by no link any more, a link to a comparison included. Several runs together
    can only have a link: of each by itself this says nothing.

    Raises:
        NotFoundError, PermissionDeniedError: one of them is not the actor's.
        StateError: they cannot be shared so, or the actor has too many links, or an admin has hidden one of them.
        ContentError: what others would be shown of one may not be shown here.
    """
    now = shared(store, things, actor=actor)
    if visibility is not Visibility.PRIVATE:
        _check_showable(store, things)
    alone = things[0] if len(things) == 1 else None
    if alone is not None and visibility is not Visibility.PUBLIC:
        store.shares.withdraw(alone, owner=actor.id)
    match visibility:
        case Visibility.PUBLIC if alone is not None:
            store.shares.publish(alone, owner=actor.id)
        case Visibility.LINK if now.link is None:
            add_link(store, things, actor=actor)
        case Visibility.PRIVATE:
            for link in store.shares.links_with(things[0], owner=actor.id):
                if alone is not None or set(link.things) == set(things):
                    store.shares.revoke(link.id, owner=actor.id)


def add_link(store: Store, things: Sequence[Thing], *, actor: Actor) -> Link:
    """Adds a link that shows one thing of the actor's, or several runs together.

    Raises:
        NotFoundError, PermissionDeniedError: one of them is not the actor's.
        StateError: there are too many of them, or the actor has too many links, or an admin has hidden one of them.
        ContentError: what others would be shown of one may not be shown here.
    """
    _check(store, things, actor)
    _check_showable(store, things)
    link_id = new_id()
    token = link_token(secret_key(store.settings), link_id)
    return store.shares.add_link(things, owner=actor.id, link_id=link_id, token_hash=token_hash(token))


def replace_link(store: Store, link: Link, *, actor: Actor) -> Link:
    """Revokes a link of the actor's, and returns another one that shows the same."""
    store.shares.revoke(link.id, owner=actor.id)
    return add_link(store, link.things, actor=actor)


def token_of(store: Store, link: Link) -> str | None:
    """Returns the token of a link; None if it was made with another key, so that nobody knows it any more."""
    token = link_token(secret_key(store.settings), link.id)
    return token if token_hash(token) == link.token_hash else None


def open_link(store: Store, token: str) -> Link:
    """Returns the link of a token that somebody brings.

    Raises:
        NotFoundError: there is none, or it was revoked, or what it has shown was deleted.
    """
    found = store.shares.opened(token_hash(token)) if is_token(token) else None
    if found is None:
        raise NotFoundError(
            N_("this link leads nowhere any more."), hint=N_("Ask whoever has sent it for another one.")
        )
    return found


def _check(store: Store, things: Sequence[Thing], actor: Actor) -> None:
    kinds = {thing.kind for thing in things}
    if (
        not 0 < len(things) <= MOST_THINGS
        or not kinds <= SHAREABLE
        or (len(things) > 1 and kinds != {Kind.RUN})
    ):
        raise StateError(
            N_("only runs can be shared together, and their number may be at most {most}."),
            hint=N_("Choose fewer."),
            most=MOST_THINGS,
        )
    for thing in things:
        check_actor(store, Verb.CHANGE, thing.kind, thing.name, owner_of(store, thing), actor=actor)


def _check_showable(store: Store, things: Sequence[Thing]) -> None:
    """Checks that others may be shown some things of the actor's."""
    for thing in things:
        if is_hidden(store, thing, owner=owner_of(store, thing)):
            raise StateError(
                N_("whoever runs this site has hidden it, so it cannot be shared."),
                hint=N_("Ask them."),
                where=thing.name,
            )
        check_showable(store, thing)
