"""Answers that many viewers ask for at once, made for all of them together."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")
Key = tuple[str, ...]
SECONDS = 0.5
"""How long an answer stays good: half a tick, so that no one sees more than that behind."""
MOST = 1_000
"""Answers that are kept before those that are no longer good are removed."""


class Moments:
    """Makes an answer once for all who ask for it within a moment.

    However many watch a run, its row is read twice a second. Belongs to the server's event loop; only
    `forget` may be called from other threads.

    Args:
        seconds: how long an answer stays good.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._made: dict[Key, tuple[float, asyncio.Task[Sequence[Any]], int]] = {}

    async def get(self, key: Key, make: Callable[[], T]) -> T:
        """Returns what `make` returned for that key within the last moment.

        Args:
            key: what is asked for; its second part is the subject that `forget` takes.
            make: called in a thread if no one has asked lately.
        """
        (made,) = await self.get_all([key], lambda _missing: [make()])
        return made

    async def get_all(self, keys: Sequence[Key], make: Callable[[Sequence[Key]], Sequence[T]]) -> list[T]:
        """Returns what `make` returned for each of the keys within the last moment.

        Args:
            keys: what is asked for; see `get`.
            make: called in a thread, once for all keys that no one has asked for lately.
        """
        now = self._clock()
        missing = [key for key in dict.fromkeys(keys) if self._until(key) <= now]
        if missing:
            self._sweep(now)
            task = asyncio.ensure_future(run_in_threadpool(make, missing))
            for place, key in enumerate(missing):
                # From before it is read: what is good until then cannot be older than a moment.
                self._made[key] = (now + self._seconds, task, place)
        found = [self._made[key] for key in keys]
        # One viewer who goes away must not take the answer from the others.
        return [(await asyncio.shield(task))[place] for _until, task, place in found]

    def _until(self, key: Key) -> float:
        """Returns until when the answer for a key is good."""
        return self._made[key][0] if key in self._made else -math.inf

    def forget(self, subject: str) -> None:
        """Makes the next who ask about a subject see it as it is by then."""
        for key in list(self._made):
            if key[1] == subject:
                self._made.pop(key, None)

    def _sweep(self, now: float) -> None:
        if len(self._made) >= MOST:
            for key, (until, _task, _place) in list(self._made.items()):
                if until <= now:
                    self._made.pop(key, None)

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._made)
