"""Who may do what to what: one table, and the functions that look into it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dlcore.access.actors import EVERYBODY, Actor, Role
from dlcore.errors import N_, NotFoundError, PermissionDeniedError


class Verb(StrEnum):
    """What is done to a thing."""

    READ = "read"
    """See it, and all that is part of it."""
    USE = "use"
    """Make something of one's own from it: train on a dataset, begin with weights, download an export."""
    CHANGE = "change"
    """Rename, annotate, resume it, or add to it."""
    STOP = "stop"
    """End what it is doing."""
    DELETE = "delete"


class Kind(StrEnum):
    """What things there are that belong to somebody."""

    RUN = "run"
    STUDY = "study"
    DRAFT = "draft"
    DATASET = "dataset"
    MODEL = "model"
    VECTORS = "vectors"
    UPLOAD = "upload"
    JOB = "job"


class Relation(StrEnum):
    """Whose a thing is, as seen by the actor."""

    OWN = "own"
    EVERYBODYS = "everybody's"
    OTHERS = "other's"


_ALL = frozenset(Verb)
_NONE = frozenset[Verb]()
_LOOK = frozenset({Verb.READ, Verb.USE})
_KEEP_ORDER = frozenset({Verb.READ, Verb.STOP, Verb.DELETE})
_OF_ALL = {Kind.DATASET: _LOOK, Kind.JOB: frozenset({Verb.READ})}
"""What is everybody's: the datasets that come along, and the jobs that download them."""
_STRANGER = {Role.VISITOR: _NONE, Role.MEMBER: _NONE}

RIGHTS: Mapping[Kind, Mapping[Relation, Mapping[Role, frozenset[Verb]]]] = {
    kind: {
        Relation.OWN: dict.fromkeys(Role, _ALL),
        # What the program brings, a visitor may not take from the others.
        Relation.EVERYBODYS: {
            Role.VISITOR: _OF_ALL.get(kind, _NONE),
            Role.MEMBER: _OF_ALL.get(kind, _NONE),
            Role.ADMIN: _ALL if kind in _OF_ALL else _NONE,
        },
        Relation.OTHERS: {**_STRANGER, Role.ADMIN: of_admin},
    }
    for kind, of_admin in {
        Kind.RUN: _KEEP_ORDER,
        Kind.STUDY: _KEEP_ORDER,
        Kind.DRAFT: _NONE,
        Kind.DATASET: _KEEP_ORDER | _LOOK,
        Kind.MODEL: _KEEP_ORDER,
        Kind.VECTORS: _KEEP_ORDER | _LOOK,
        Kind.UPLOAD: _NONE,
        Kind.JOB: _KEEP_ORDER,
    }.items()
}
"""Which verbs each role has, by the kind of a thing and whose it is."""

_MISSING: Mapping[Kind, tuple[str, str]] = {
    Kind.RUN: (N_("there is no run '{id}'."), N_("List them with `dlcore runs`.")),
    Kind.STUDY: (N_("there is no study '{name}'."), N_("List them with `dlcore studies`.")),
    Kind.DRAFT: (N_("there is no draft '{id}'."), N_("Start a new one.")),
    Kind.DATASET: (N_("there is no dataset '{name}' of your own."), N_("List them: data list.")),
    Kind.MODEL: (N_("there is no uploaded model '{id}'."), N_("Upload it, or choose another.")),
    Kind.VECTORS: (N_("there are no word vectors '{name}'."), N_("Upload them, or choose others.")),
    Kind.UPLOAD: (N_("there is no upload '{id}'."), N_("Send the file again.")),
    Kind.JOB: (N_("there is no job '{id}'."), N_("Ask for it again.")),
}


def relation(actor: Actor, owner: str) -> Relation:
    """Returns whose a thing of that owner is, as seen by the actor."""
    if owner == EVERYBODY:
        return Relation.EVERYBODYS
    return Relation.OWN if owner == actor.id else Relation.OTHERS


def may(actor: Actor, verb: Verb, kind: Kind, owner: str) -> bool:
    """Returns whether the actor may do that to a thing of that kind and owner.

    Example:
        >>> may(Actor("ann"), Verb.STOP, Kind.RUN, "ann"), may(Actor("eve"), Verb.READ, Kind.RUN, "ann")
        (True, False)
    """
    return verb in RIGHTS[kind][relation(actor, owner)][actor.role]


def check(actor: Actor, verb: Verb, kind: Kind, owner: str, name: str, *, where: str = "") -> None:
    """Checks that the actor may do that; what they may not even see is said not to be there.

    Args:
        actor: who asks.
        verb: what for.
        kind: what kind of thing it is.
        owner: whose.
        name: its id or name, as it was asked for.
        where: what an error is about; by default the name.

    Raises:
        NotFoundError: the actor may not see it.
        PermissionDeniedError: the actor may see it, but not do that.
    """
    if may(actor, verb, kind, owner):
        return
    if not may(actor, Verb.READ, kind, owner):
        raise missing(kind, name)
    raise PermissionDeniedError(
        N_("this belongs to another user."), hint=N_("Make a copy and change that."), where=where or name
    )


def missing(kind: Kind, name: str) -> NotFoundError:
    """Returns the error that says that there is no such thing."""
    template, hint = _MISSING[kind]
    return NotFoundError(template, hint=hint, id=name, name=name)
