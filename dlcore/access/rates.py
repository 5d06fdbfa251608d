"""How often somebody may do something: so many times within so long, for an actor and for a network.

Imported where strangers are served: the library takes a fifth of a second to load.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from dlcore.access.acts import Act
from dlcore.errors import N_, Message, TooManyError
from dlcore.settings import Settings

MOST_KEYS = 20_000
"""Actors and networks that are counted at once; beyond it, all begin anew."""
_NETWORK_BITS = 64
"""Of an address of IPv6: a household has all that begin with the same ones."""

_TOO_MANY: Mapping[Act, str] = {
    Act.LAUNCH: N_("too many runs and searches were started: at most {most} in {span}."),
    Act.DRAFT: N_("too many experiments were begun: at most {most} in {span}."),
    Act.UPLOAD: N_("too many uploads were begun: at most {most} in {span}."),
    Act.PREDICT: N_("models were tried too often: at most {most} in {span}."),
    Act.JOB: N_("too many jobs were requested: at most {most} in {span}."),
    Act.COMPLAIN: N_("too much was reported: at most {most} in {span}."),
    Act.LOGIN: N_("there were too many attempts to sign in: at most {most} in {span}."),
    Act.SESSION: N_("too many pages were opened: at most {most} in {span}."),
    Act.ARRIVE: N_("too many new visitors came from your network: at most {most} in {span}."),
}
_CROWDED = N_("too many pages are open in your network: at most {most} at once.")
_HINT_OWN = N_("Try again in {wait}.")
_HINT_NETWORK = N_("Everybody in your network counts together. Try again in {wait}.")
_HINT_ARRIVE = N_("Try again in {wait}; whoever has been here before can still enter.")
_HINT_CROWDED = N_("Close some, then reload this page.")
_CROWDED_SECONDS = 60


class Rates:
    """Counts by actor and by network; safe to share between threads.

    Args:
        settings: how often what may be done.
    """

    def __init__(self, settings: Settings) -> None:
        own = {
            Act.LAUNCH: settings.rate_launches,
            Act.DRAFT: settings.rate_drafts,
            Act.UPLOAD: settings.rate_uploads,
            Act.PREDICT: settings.rate_predictions,
            Act.JOB: settings.rate_jobs,
            Act.COMPLAIN: settings.rate_complaints,
            Act.LOGIN: settings.rate_logins,
            Act.SESSION: settings.rate_sessions,
        }
        factor = settings.rate_network_factor
        self._own = {act: tuple(parse_many(text)) for act, text in own.items() if text}
        self._network = {act: [_times(item, factor) for item in items] for act, items in self._own.items()}
        self._network[Act.ARRIVE] = [*parse_many(f"{settings.visitors_per_hour}/hour")]
        self._storage = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._most_open, self._open, self._lock = (
            settings.sessions_per_address,
            Counter[str](),
            threading.Lock(),
        )

    def check(self, act: Act, *, actor: str, address: str) -> None:
        """Checks that somebody may do something now, without counting it.

        Args:
            act: what.
            actor: the id of who asks.
            address: from where.

        Raises:
            TooManyError: not now; it says from when on.
        """
        for keys, items, hint in self._limits(act, actor, address):
            for item in items:
                if not self._limiter.test(item, *keys):
                    raise self._refusal(act, item, keys, hint)

    def take(self, act: Act, *, actor: str, address: str) -> None:
        """Counts what somebody does now; see `check`."""
        self.check(act, actor=actor, address=address)
        if len(self._storage.storage) >= MOST_KEYS:
            self._storage.reset()
        for keys, items, _hint in self._limits(act, actor, address):
            for item in items:
                self._limiter.hit(item, *keys)

    def check_open(self, address: str) -> None:
        """Checks that another page may be open there.

        Raises:
            TooManyError: too many are.
        """
        if self._open[network_of(address)] >= self._most_open:
            raise TooManyError(_CROWDED, hint=_HINT_CROWDED, seconds=_CROWDED_SECONDS, most=self._most_open)

    @contextmanager
    def open_from(self, address: str) -> Iterator[None]:
        """Counts a page of that address as long as it is open."""
        network = network_of(address)
        with self._lock:
            self._open[network] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[network] -= 1
                if self._open[network] <= 0:
                    del self._open[network]

    def _limits(
        self, act: Act, actor: str, address: str
    ) -> Iterator[tuple[tuple[str, ...], Sequence[RateLimitItem], str]]:
        """Yields the key of what is counted, its limits, and what a refusal advises."""
        yield (act, "actor", actor), self._own.get(act, ()), _HINT_OWN
        hint = _HINT_ARRIVE if act is Act.ARRIVE else _HINT_NETWORK
        yield (act, "network", network_of(address)), self._network.get(act, ()), hint

    def _refusal(self, act: Act, item: RateLimitItem, keys: tuple[str, ...], hint: str) -> TooManyError:
        free = self._limiter.get_window_stats(item, *keys).reset_time
        seconds = max(1, math.ceil(free - time.time()))
        wait, span = _duration(seconds), _duration(item.get_expiry())
        return TooManyError(
            _TOO_MANY[act], hint=hint, seconds=seconds, most=item.amount, span=span, wait=wait
        )


def _times(item: RateLimitItem, factor: int) -> RateLimitItem:
    return type(item)(item.amount * factor, item.multiples)


def _duration(seconds: int) -> Message:
    """Returns how long that is, in the largest unit of which it is at least two, or one whole."""
    for unit, template in ((86_400, N_("{n} d")), (3600, N_("{n} h")), (60, N_("{n} min"))):
        if seconds >= 2 * unit or seconds == unit:
            return Message(template, params={"n": math.ceil(seconds / unit)})
    return Message(N_("{n} s"), params={"n": seconds})


def network_of(address: str) -> str:
    """Returns what is counted together: an address of IPv4, or the network that one of IPv6 is in.

    Example:
        >>> network_of("192.0.2.7"), network_of("2001:db8:1:2:3:4:5:6"), network_of("")
        ('192.0.2.7', '2001:db8:1:2::', '')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False).network_address)
