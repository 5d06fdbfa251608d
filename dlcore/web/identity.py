"""Who a browser is: the cookie that it was given, signed, and checked against the store."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from itsdangerous import BadSignature, TimestampSigner

from dlcore.access.actors import Actor
from dlcore.store.visitors import Visitor, Visitors

COOKIE = "dlstudio_visitor"
LIFE_SECONDS = 30 * 24 * 3600
"""How long a cookie counts since it was signed."""
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
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, visitors: Visitors, key: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._visitors, self._clock = visitors, clock
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
        visitor = None if signed is None else self._visitors.find(signed[0])
        if signed is None or visitor is None or signed[1] < visitor.not_before:
            return None
        self._visitors.see(visitor)
        self._remember(cookie, visitor.actor)
        return visitor.actor

    def welcome(self) -> tuple[str, Actor]:
        """Returns the cookie of a new visitor, and who that is."""
        visitor: Visitor = self._visitors.add()
        cookie = self._sign(visitor.actor)
        self._remember(cookie, visitor.actor)
        return cookie, visitor.actor

    def renewed(self, cookie: str, actor: Actor) -> str | None:
        """Returns another cookie for the same visitor if theirs was signed long ago."""
        signed = self._read(cookie)
        is_old = signed is not None and time.time() - signed[1] > RENEWED_SECONDS
        return self._sign(actor) if is_old else None

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
