"""Who a browser is: the cookie that it was given, signed, and checked against the store.

A cookie is given to whoever asks for a page; a visitor is written down once they open a session, for nothing can be
made without one. So crawlers, and whoever asks for pages alone, leave nothing behind.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, TimestampSigner

from dlcore.access.actors import Actor, Role
from dlcore.access.acts import Act
from dlcore.errors import TooManyError
from dlcore.store.ids import new_id
from dlcore.store.visitors import Visitors

if TYPE_CHECKING:
    from dlcore.access.rates import Rates

COOKIE = "dlstudio_visitor"
LIFE_SECONDS = 30 * 24 * 3600
"""How long a cookie counts since it was signed."""
KEPT_SECONDS = LIFE_SECONDS + 24 * 3600
"""How long a visitor is kept since they were last seen: longer than any of their cookies, so that none outlives the end
of a visit."""
RENEWED_SECONDS = 24 * 3600
"""After which a page gives a browser the same visitor signed anew: who comes again does not run out of time."""
KNOWN_SECONDS = 5.0
"""How long a look into the store is relied on: so soon a visit that was ended is over in every process."""
MOST_KNOWN = 10_000


class Identities:
    """Tells visitors by their cookies; safe to share between threads.

    Args:
        visitors: the visitors of the store.
        key: what cookies are signed with.
        rates: counts the new ones, and what all of them do.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self, visitors: Visitors, key: str, rates: Rates, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._visitors, self._clock, self.rates = visitors, clock, rates
        self._signer = TimestampSigner(
            key, salt="dl-studio visitor", key_derivation="hmac", digest_method=hashlib.sha256
        )
        self._known: dict[str, tuple[float, Actor]] = {}

    def recent(self, cookie: str) -> Actor | None:
        """Returns whose cookie it is if that was looked up a moment ago; never waits for anything."""
        until, actor = self._known.get(cookie, (0.0, None))
        return actor if self._clock() < until else None

    def find(self, cookie: str) -> Actor | None:
        """Returns whose cookie it is; None if it is forged or expired, or the visit was ended."""
        found = self.recent(cookie)
        if found is not None:
            return found
        self._known.pop(cookie, None)
        signed = self._read(cookie)
        if signed is None:
            return None
        visitor = self._visitors.find(signed[0])
        if visitor is None:  # they have opened no session yet
            actor = Actor(signed[0], Role.VISITOR)
        elif signed[1] < visitor.not_before:
            return None
        else:
            self._visitors.see(visitor)
            actor = visitor.actor
        self._remember(cookie, actor)
        return actor

    def welcome(self) -> tuple[str, Actor]:
        """Returns the cookie of a new visitor, and who that is; nothing is written down yet."""
        actor = Actor(new_id(), Role.VISITOR)
        cookie = self._sign(actor)
        self._remember(cookie, actor)
        return cookie, actor

    def check_room(self, actor: Actor, address: str) -> None:
        """Checks that somebody may open a page now, which they ask for; nothing is counted yet.

        Raises:
            TooManyError: they or their network opened too many, or too many new visitors came from there.
        """
        self.rates.check_open(address)
        if actor.role is Role.ADMIN:
            return
        self.rates.check(Act.SESSION, actor=actor.id, address=address)
        try:
            self.rates.check(Act.ARRIVE, actor=actor.id, address=address)
        except TooManyError:
            if actor.role is Role.VISITOR and self._visitors.find(actor.id) is None:
                raise

    def admit(self, actor: Actor, address: str) -> None:
        """Counts the session that somebody opens, and writes them down if they are new.

        Raises:
            TooManyError: see `check_room`.
        """
        self.rates.check_open(address)
        if actor.role is not Role.ADMIN:
            self.rates.take(Act.SESSION, actor=actor.id, address=address)
        if actor.role is Role.VISITOR and self._visitors.find(actor.id) is None:
            self.rates.take(Act.ARRIVE, actor=actor.id, address=address)
            self._visitors.add(actor)

    def renewed(self, cookie: str, actor: Actor) -> str | None:
        """Returns another cookie for the same visitor if theirs was signed long ago."""
        signed = self._read(cookie)
        is_old = signed is not None and time.time() - signed[1] > RENEWED_SECONDS
        return self._sign(actor) if is_old else None

    def forget(self, actor: Actor) -> None:
        """Looks an actor up again at their next request: their visit was ended."""
        self._known = {cookie: one for cookie, one in self._known.items() if one[1].id != actor.id}

    def _sign(self, actor: Actor) -> str:
        return self._signer.sign(actor.id).decode()

    def _read(self, cookie: str) -> tuple[str, float] | None:
        """Returns the visitor's id in a cookie and when it was signed, in seconds since 1970."""
        try:
            value, signed = self._signer.unsign(cookie, max_age=LIFE_SECONDS, return_timestamp=True)
        except BadSignature:
            return None
        return value.decode(), signed.timestamp()

    def _remember(self, cookie: str, actor: Actor) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[cookie] = (self._clock() + KNOWN_SECONDS, actor)
