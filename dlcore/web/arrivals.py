"""How many new visitors came from each address, so that nobody fills the store with them."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable

WINDOW_SECONDS = 3600.0
MOST_ADDRESSES = 10_000
"""Addresses that are counted at once; beyond it, all begin anew."""
_NETWORK_BITS = 64
"""Of an address of IPv6: a household has all that begin with the same ones."""


class Arrivals:
    """Counts by address, within an hour from the first one; safe to share between threads.

    Args:
        most: how many new visitors one address may bring in an hour.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._counts: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def has_room(self, address: str) -> bool:
        """Returns whether another one may come from there."""
        return self._count(network_of(address))[1] < self._most

    def take(self, address: str) -> bool:
        """Counts another one from there; False if there are too many."""
        network = network_of(address)
        with self._lock:
            began, count = self._count(network)
            if count >= self._most:
                return False
            if len(self._counts) >= MOST_ADDRESSES:
                self._counts.clear()
            self._counts[network] = (began, count + 1)
            return True

    def _count(self, network: str) -> tuple[float, int]:
        """Returns when the hour of an address began, and how many came in it."""
        began, count = self._counts.get(network, (0.0, 0))
        now = self._clock()
        return (began, count) if count and now - began < WINDOW_SECONDS else (now, 0)


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
