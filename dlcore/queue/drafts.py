"""Removal of drafts that are no longer needed."""

from __future__ import annotations

import time

from dlcore.queue.ready import example
from dlcore.store import Store

KEPT_SECONDS = 7 * 24 * 3600.0
"""How long a draft is kept in which no one has changed anything."""


def sweep_drafts(store: Store, *, at: float | None = None) -> int:
    """Removes the drafts that a visit began with the example and left as they were, a week later.

    Args:
        store: where they are.
        at: the moment it is, in seconds since 1970; by default now.

    Returns:
        How many were removed.
    """
    limit = (time.time() if at is None else at) - KEPT_SECONDS
    return store.drafts.sweep(example().to_dict(), before=limit)
