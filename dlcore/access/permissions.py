"""Who may change what: the one function that every changing request passes."""

from __future__ import annotations

from dlcore.errors import N_, PermissionDeniedError


def check_owner(owner: str, actor: str, *, where: str) -> None:
    """Lets only the owner through.

    Raises:
        PermissionDeniedError: `actor` is somebody else.
    """
    if owner != actor:
        raise PermissionDeniedError(
            N_("this belongs to another user."), hint=N_("Make a copy and change that."), where=where
        )
