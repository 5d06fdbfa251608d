"""Who may do what to what: one table, and the functions that look into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dlcore.access.actors import EVERYBODY, Actor, Role
from dlcore.errors import N_, NotFoundError, PermissionDeniedError


class Verb(StrEnum):
    """What is done to a thing."""

    LOOK = "look"
    """See what those are shown with whom it is shared: curves, results, trials, network and settings."""
    READ = "read"
    """See it, and all that is part of it: also its notes, log and files."""
    USE = "use"
    """Make something of one's own from it: train on a dataset, begin with weights, download an export."""
    CHANGE = "change"
    """Rename, annotate, resume it, add to it, or share it."""
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
    PUBLIC = "public"
    """Another's, who shows it to everybody."""
    LINKED = "by link"
    """Another's, who shows it to whoever has a link to it, as the actor has."""
    OTHERS = "other's"


@dataclass(frozen=True)
class Sharing:
    """Who else may look at a thing, as its owner wants it.

    Attributes:
        is_public: everybody.
        links: whoever has opened a link, by the hash of its token.
    """

    is_public: bool = False
    links: frozenset[str] = frozenset()


PRIVATE = Sharing()


class Sight(StrEnum):
    """How much of a thing somebody sees: those for whom that is the same, see the same."""

    NONE = "none"
    SHOWN = "shown"
    WHOLE = "whole"
    ADMIN = "admin"


_ALL = frozenset(Verb)
_NONE = frozenset[Verb]()
_SEE = frozenset({Verb.LOOK, Verb.READ})
_WORK_WITH = _SEE | {Verb.USE}
_KEEP_ORDER = _SEE | {Verb.STOP, Verb.DELETE}
_OF_ALL = {Kind.DATASET: _WORK_WITH, Kind.JOB: _SEE}
"""What is everybody's: the datasets that come along, and the jobs that download them."""
_SHARED = {
    Kind.RUN: frozenset({Verb.LOOK}),
    Kind.STUDY: frozenset({Verb.LOOK}),
    # There is nothing else to do with one than to see what it holds, and to train on it.
    Kind.DATASET: _WORK_WITH,
}
"""What a thing that is shared is open for, publicly or by link; what is not here cannot be shared."""
SHAREABLE = frozenset(_SHARED)
_CHANGES = frozenset({Verb.CHANGE, Verb.STOP, Verb.DELETE})
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
        **{
            shared: {
                Role.VISITOR: _SHARED.get(kind, _NONE),
                Role.MEMBER: _SHARED.get(kind, _NONE),
                Role.ADMIN: of_admin | _SHARED.get(kind, _NONE),
            }
            for shared in (Relation.PUBLIC, Relation.LINKED)
        },
        Relation.OTHERS: {**_STRANGER, Role.ADMIN: of_admin},
    }
    for kind, of_admin in {
        Kind.RUN: _KEEP_ORDER,
        Kind.STUDY: _KEEP_ORDER,
        Kind.DRAFT: _NONE,
        Kind.DATASET: _KEEP_ORDER | _WORK_WITH,
        Kind.MODEL: _KEEP_ORDER,
        Kind.VECTORS: _KEEP_ORDER | _WORK_WITH,
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


def relation(actor: Actor, owner: str, sharing: Sharing = PRIVATE) -> Relation:
    """Returns whose a thing of that owner is, as seen by the actor."""
    if owner == EVERYBODY:
        return Relation.EVERYBODYS
    if owner == actor.id:
        return Relation.OWN
    if sharing.is_public:
        return Relation.PUBLIC
    return Relation.LINKED if sharing.links & actor.links else Relation.OTHERS


def may(actor: Actor, verb: Verb, kind: Kind, owner: str, sharing: Sharing = PRIVATE) -> bool:
    """Returns whether the actor may do that to a thing of that kind and owner.

    Example:
        >>> may(Actor("ann"), Verb.STOP, Kind.RUN, "ann"), may(Actor("eve"), Verb.LOOK, Kind.RUN, "ann")
        (True, False)
        >>> may(Actor("eve"), Verb.LOOK, Kind.RUN, "ann", Sharing(is_public=True))
        True
    """
    return verb in RIGHTS[kind][relation(actor, owner, sharing)][actor.role]


def check(
    actor: Actor,
    verb: Verb,
    kind: Kind,
    owner: str,
    name: str,
    *,
    where: str = "",
    sharing: Sharing = PRIVATE,
) -> None:
    """Checks that the actor may do that; what they may not even see is said not to be there.

    Args:
        actor: who asks.
        verb: what for.
        kind: what kind of thing it is.
        owner: whose.
        name: its id or name, as it was asked for.
        where: what an error is about; by default the name.
        sharing: who else may look at it.

    Raises:
        NotFoundError: the actor may not see it.
        PermissionDeniedError: the actor may see it, but not do that.
    """
    allowed = may(actor, verb, kind, owner, sharing)
    # A draft changes with every field that is filled in.
    if not allowed or (verb in _CHANGES and (kind, verb) != (Kind.DRAFT, Verb.CHANGE)):
        actor.tell(f"{kind}.{verb}", name, allowed=allowed)
    if allowed:
        return
    if not may(actor, Verb.LOOK, kind, owner, sharing):
        raise missing(kind, name)
    is_shared = relation(actor, owner, sharing) in (Relation.PUBLIC, Relation.LINKED)
    template = N_("this is shared with you to look at.") if is_shared else N_("this belongs to another user.")
    raise PermissionDeniedError(template, hint=N_("Make a copy and change that."), where=where or name)


def check_admin(actor: Actor, what: str, name: str = "") -> None:
    """Checks that the actor looks after the place: for what concerns all who use it, and is no thing of anybody's.

    Args:
        actor: who asks.
        what: they want to do, such as `queue.front`; a look, which ends in `.look`, is told to the witness if it is refused.
        name: what they do it to.

    Raises:
        PermissionDeniedError: they do not.
    """
    allowed = actor.role is Role.ADMIN
    if not allowed or not what.endswith(".look"):
        actor.tell(what, name, allowed=allowed)
    if not allowed:
        raise PermissionDeniedError(N_("this is for admins alone."), where=what)


def missing(kind: Kind, name: str) -> NotFoundError:
    """Returns the error that says that there is no such thing."""
    template, hint = _MISSING[kind]
    return NotFoundError(template, hint=hint, id=name, name=name)
