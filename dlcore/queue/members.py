"""What an admin does about members: keeps them out, lets them in again, signs them out; each checks the actor."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.access.actors import Actor
from dlcore.access.permissions import check_admin
from dlcore.errors import N_, StateError
from dlcore.store import Store
from dlcore.store.members import Member


def members(store: Store, *, actor: Actor) -> Sequence[Member]:
    """Returns all members, who signed in last first.

    Raises:
        PermissionDeniedError: the actor is no admin.
    """
    check_admin(actor, "members.look")
    return store.members.list()


def sign_out(store: Store, member_id: str, *, actor: Actor) -> None:
    """Signs a member out in all browsers; they can sign in again.

    Raises:
        PermissionDeniedError: the actor is no admin.
        NotFoundError: there is no such member.
    """
    check_admin(actor, "members.sign-out", member_id)
    store.members.sign_out_everywhere(member_id)


def block(store: Store, member_id: str, *, blocked: bool, actor: Actor) -> None:
    """Signs a member out and keeps them out, or lets them in again; what they made stays.

    Raises:
        PermissionDeniedError: the actor is no admin.
        NotFoundError: there is no such member.
        StateError: it is the actor, who could not take it back.
    """
    check_admin(actor, "members.block" if blocked else "members.unblock", member_id)
    if blocked and member_id == actor.id:
        raise StateError(N_("you would keep yourself out."), hint=N_("Ask another admin."), where=member_id)
    store.members.block(member_id, blocked=blocked)
