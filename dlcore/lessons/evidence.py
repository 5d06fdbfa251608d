"""What a person has done since a lesson began: the facts that its checks look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlcore.records import Draft, Run, Study


@dataclass(frozen=True)
class Visit:
    """The page that somebody is on.

    Attributes:
        page: its name in the address.
        view: the name of its open tab; empty where it has none, or the first is open.
    """

    page: str
    view: str = ""


@dataclass(frozen=True)
class Evidence:
    """All of one person's that belongs to a lesson.

    Attributes:
        drafts: those that were begun or changed since, the one changed last first.
        runs: those that were queued since, the latest first; no trials.
        studies: those that were begun since, the latest first.
        visit: where they are now; None where nobody looks.
    """

    drafts: Sequence[Draft] = ()
    runs: Sequence[Run] = ()
    studies: Sequence[Study] = ()
    visit: Visit | None = None
