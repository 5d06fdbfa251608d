"""Whose runs must wait, and whose must end: of owners who have used what they have, or where the disk is full."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from dlcore.budgets import Limit
from dlcore.errors import Message, NoRoomError
from dlcore.queue.budgets import Account, check_room, used_up
from dlcore.records import Run
from dlcore.settings import Mode
from dlcore.store import Store

KNOWN_SECONDS = 1.0
"""How long it is relied on what an owner has left."""


@dataclass
class _Room:
    """How many more runs of an owner may be at work, as it was at a moment."""

    until: float
    runs: float


class Holds:
    """Says what must wait; on your own machine nothing does, but for a full disk.

    Args:
        store: where runs are.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._rooms: dict[str, _Room] = {}

    def full_disk(self) -> Message | None:
        """Returns why no run may begin now, if the disk is nearly full."""
        try:
            check_room(self._store.settings)
        except NoRoomError as error:
            return error.message
        return None

    def holds(self, run: Run) -> bool:
        """Returns whether a run must wait though there is a slot: its owner has used what they have."""
        return self._is_shared and self._room(run.owner).runs < 1

    def began(self, run: Run) -> None:
        """Notes that a run has got a slot."""
        if self._is_shared:
            self._room(run.owner).runs -= 1

    def end_used_up(self) -> None:
        """Stops the runs of owners whose minutes are used; those of searches end with their search."""
        if not self._is_shared:
            return
        single = [run for run in self._store.runs.active() if run.study_id is None and not run.stop_requested]
        for owner in {run.owner for run in single}:
            why = used_up(Account.of_owner(self._store, owner))
            for run in single:
                if why is not None and run.owner == owner:
                    self._store.runs.request_stop(run.id, prune_reason=why)

    @property
    def _is_shared(self) -> bool:
        return self._store.settings.mode is not Mode.LOCAL

    def _room(self, owner: str) -> _Room:
        known = self._rooms.get(owner)
        if known is None or known.until < self._clock():
            account = Account.of_owner(self._store, owner)
            runs = account.left_of(Limit.AT_ONCE).left if used_up(account) is None else 0.0
            known = self._rooms[owner] = _Room(self._clock() + KNOWN_SECONDS, runs)
        return known
