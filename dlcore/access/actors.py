"""Who asks: one actor for every session of a page, every request to a route, and every command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from dlcore.settings import Settings

EVERYBODY = ""
"""The owner of what comes with the program: the built-in datasets, and in a demo the examples and downloads."""


class Role(StrEnum):
    """What an actor is to this installation.

    A visitor is a browser that nobody knows, a member someone who has signed in, an admin the owner of the machine.
    """

    VISITOR = "visitor"
    MEMBER = "member"
    ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """Who asks.

    Attributes:
        id: whom what they make belongs to.
        role: what else they may do.
        links: the hashes of the tokens of the links that they have opened; see `access.links`.
        witness: is told what they do and whether they may; nobody by default.
    """

    id: str
    role: Role = Role.VISITOR
    links: frozenset[str] = frozenset()
    witness: Callable[[str, str, bool], None] | None = field(default=None, compare=False, repr=False)

    def tell(self, what: str, name: str, *, allowed: bool) -> None:
        """Tells the witness what they do, to what, and whether they may."""
        if self.witness is not None:
            self.witness(what, name, allowed)


def machine_owner(settings: Settings) -> Actor:
    """Returns the actor of commands and notebooks, and in the mode `local` of pages and routes, too."""
    return Actor(settings.owner, Role.ADMIN)
