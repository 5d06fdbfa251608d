"""Which member a browser is: the cookie that it was given when they signed in, looked up in the store."""

from __future__ import annotations

import time
from collections.abc import Callable

from dlcore.access.actors import Actor
from dlcore.store.members import Member, Members

COOKIE = "dlstudio_member"
KNOWN_SECONDS = 1.0
"""How long a look into the store is relied on: so soon whoever is signed out or blocked is out in every process."""
MOST_KNOWN = 10_000
_LONGEST = 100


class SignIns:
    """Tells members by their cookies; safe to share between threads.

    Args:
        members: the members of the store.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, members: Members, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._members, self._clock = members, clock
        self._known: dict[str, tuple[float, Member | None]] = {}

    def recent(self, cookie: str) -> Member | None:
        """Returns whose cookie it is if that was looked up a moment ago; never waits for anything."""
        until, member = self._known.get(cookie, (0.0, None))
        return member if self._clock() < until else None

    def find(self, cookie: str) -> Member | None:
        """Returns whose cookie it is; None if it is made up, too old, or they were signed out."""
        if not 0 < len(cookie) <= _LONGEST:
            return None
        until, member = self._known.get(cookie, (0.0, None))
        if self._clock() >= until:
            member = self._members.find(cookie)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[cookie] = (self._clock() + KNOWN_SECONDS, member)
        return member

    def end(self, cookie: str) -> None:
        """Signs one browser out, and whoever has a copy of its cookie."""
        self._members.sign_out(cookie)
        self._known.pop(cookie, None)

    def end_all(self, actor: Actor) -> None:
        """Signs a member out in all browsers."""
        self._members.sign_out_everywhere(actor.id)
        self._known.clear()
