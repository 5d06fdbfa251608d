"""Requests to end a process, and what its exit code says about its end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType

from dlcore.errors import N_, Message

_on_request: list[Callable[[], object]] = []


def on_end_request(act: Callable[[], object]) -> None:
    """Calls `act` when this process is asked to end, instead of ending immediately; replaces an earlier `act`.

    Only the main thread may call this. The request comes as SIGTERM or, where there are no signals, by
    `request_end` from another thread.
    """

    def obey(number: int, frame: FrameType | None) -> None:
        act()

    signal.signal(signal.SIGTERM, obey)
    _on_request[:] = [act]


def request_end() -> None:
    """Asks this process to end; any thread may call this."""
    if _on_request:
        _on_request[0]()
    else:
        os.kill(os.getpid(), signal.SIGTERM)


def signal_number(name: str) -> int:
    """Returns the number of a signal; on a platform without it, one that no exit code has."""
    return int(getattr(signal, name, 10**6))


def is_end_request(code: int) -> bool:
    """Returns whether a process ended immediately on request; on Windows such a code is positive."""
    return abs(code) == signal.SIGTERM


def how_it_ended(code: int) -> Message:
    """Returns why a process ended that did not say so itself.

    Args:
        code: its exit code; negative for a signal.
    """
    if code == -signal_number("SIGKILL"):
        return Message(N_("its process was killed, possibly because memory ran out."))
    return Message(N_("its process ended unexpectedly (exit code {code})."), params={"code": code})
