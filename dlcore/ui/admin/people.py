"""What admins call the owners of things."""

from __future__ import annotations

from collections.abc import Mapping

from dlcore.access.actors import EVERYBODY, Role
from dlcore.queue.members import members
from dlcore.store.ids import short_id
from dlcore.text import short_text, visible_text
from dlcore.ui.shared.i18n import _
from dlcore.web.context import context


def member_names() -> Mapping[str, str]:
    """Returns what members are called, by their ids."""
    here = context()
    return {one.actor.id: one.name for one in members(here.store, actor=here.actor)}


def person(owner: str, names: Mapping[str, str]) -> str:
    """Returns what an owner is called: a member by name, all others by their id, which is shortened.

    Args:
        owner: the id.
        names: see `member_names`.
    """
    if owner == EVERYBODY:
        return _("for everybody")
    if owner == context().settings.owner:
        return _("owner of the machine")
    name = names.get(owner)
    return short_text(visible_text(name)) if name else short_id(owner)


def role_text(role: Role | None) -> str:
    """Returns what somebody is called who has that role."""
    match role:
        case Role.ADMIN:
            return _("Admin")
        case Role.MEMBER:
            return _("Member")
        case Role.VISITOR:
            return _("Visitor")
    return "–"
