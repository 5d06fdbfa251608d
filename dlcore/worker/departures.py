"""The removal of what visitors had who have left, or were not here for long."""

from __future__ import annotations

import time
from collections.abc import Callable

from dlcore.queue.departures import remove_belongings
from dlcore.settings import Mode
from dlcore.store import Store
from dlcore.store.database import now

DAY_SECONDS = 24 * 3600.0
LOOK_SECONDS = 600.0
"""How often it is looked who was not here for long."""
SETTLED_SECONDS = 10.0
"""How long it goes on at least: longer than a server relies on what it knew of who has left."""
KEPT_SECONDS = 40 * DAY_SECONDS
"""How long it is known who has left: longer than a visitor is, of whom nothing is removed twice."""


class DepartureDriver:
    """Removes all that those had who have left; on your own machine nobody leaves.

    Args:
        store: the whole of it.
        log: takes a line of the log.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self, store: Store, *, log: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._log, self._clock = store, log, clock
        self._next_look = 0.0
        self._turn = 0

    def tick(self) -> None:
        """Goes on with one of those who leave: what is at work must end first."""
        if self._store.settings.mode is Mode.LOCAL:
            return
        here = self._store
        if self._clock() >= self._next_look:
            self._next_look = self._clock() + LOOK_SECONDS
            here.departures.begin_old_visitors(before=now() - here.settings.visitor_days * DAY_SECONDS)
            here.departures.sweep(before=now() - KEPT_SECONDS)
        found = here.departures.going()
        if not found:
            return
        # One who has to wait keeps nobody else waiting.
        self._turn += 1
        who = found[self._turn % len(found)]
        if remove_belongings(here, who) and here.departures.end(who, begun_before=now() - SETTLED_SECONDS):
            here.members.remove(who)
            self._log("all that somebody had who has left is removed")
