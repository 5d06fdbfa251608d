"""Links to things that are shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dlcore.access.permissions import Kind


@dataclass(frozen=True)
class Thing:
    """What is shared: a run or a study by its id, a dataset by its name."""

    kind: Kind
    name: str


@dataclass(frozen=True)
class Link:
    """A link that has not been revoked.

    Attributes:
        token_hash: by which its token is known.
        things: what it shows: one thing, or the runs of a comparison in their order.
    """

    id: str
    owner: str
    token_hash: str
    things: tuple[Thing, ...]
    created_at: datetime
