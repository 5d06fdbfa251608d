"""Whose a thing is, in words."""

from __future__ import annotations

from dlcore.access.actors import EVERYBODY
from dlcore.ui.shared.i18n import _
from dlcore.web.context import context


def owner_text(owner: str) -> str:
    """Returns whose a thing of that owner is."""
    if owner == EVERYBODY:
        return _("for everybody")
    return _("yours") if owner == context().actor.id else owner
