"""Whose a thing is, in words."""

from __future__ import annotations

from dlcore.access.actors import EVERYBODY, Role
from dlcore.ui.shared.i18n import _
from dlcore.web.context import context


def owner_text(owner: str) -> str:
    """Returns whose a thing of that owner is."""
    if owner == EVERYBODY:
        return _("for everybody")
    actor = context().actor
    if owner == actor.id:
        return _("yours")
    # What a visitor is called says nothing to others, and is none of their business.
    return owner if actor.role is Role.ADMIN else _("shared by somebody")
