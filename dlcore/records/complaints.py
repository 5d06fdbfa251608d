"""What somebody reports of a thing that is shown to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dlcore.errors import N_
from dlcore.records.shares import Thing

MOST_WORDS = 500
"""Characters that whoever complains may add."""


class Ground(StrEnum):
    """Why somebody complains."""

    OFFENSIVE = "offensive"
    PERSONAL = "personal"
    RIGHTS = "rights"
    SPAM = "spam"
    OTHER = "other"


GROUNDS = {
    Ground.OFFENSIVE: N_("Offensive or hateful"),
    Ground.PERSONAL: N_("Personal data of somebody"),
    Ground.RIGHTS: N_("Infringes somebody's rights"),
    Ground.SPAM: N_("Advertising or spam"),
    Ground.OTHER: N_("Something else"),
}
"""What they are called."""


class Resolution(StrEnum):
    """What became of a complaint."""

    HIDDEN = "hidden"
    """The thing is private since."""
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class Complaint:
    """One of them.

    Attributes:
        thing: what it is about.
        owner: whose that was.
        reporter: the id of the actor who complains; nothing else is kept of them.
        ground: why.
        words: what they added.
    """

    id: str
    thing: Thing
    owner: str
    reporter: str
    ground: Ground
    words: str
    created_at: datetime
