"""Who may change what: the one function that every changing request passes."""

from __future__ import annotations

from dlcore.errors import N_, PermissionDeniedError


def check_owner(owner: str, actor: str, *, where: str) -> None:
    """Checks that the actor is the owner.

    Raises:
        PermissionDeniedError: `actor` is someone else.
    """
    if owner != actor:
        raise PermissionDeniedError(
            N_("this belongs to another user."), hint=N_("Make a copy and change that."), where=where
        )
