"""What is costly to find out, found out at most every few seconds, whoever asks and how often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")


class Latest(Generic[T]):
    """Makes a value again once the last one is old, one at a time; belongs to the server's event loop.

    In contrast to `Moments` the next one begins only when the last one has come to its end: of a store that does not
    answer, requests must not fill up the threads that all others need.

    Args:
        make: called in a thread.
        seconds: for how long a value is told.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self, make: Callable[[], T], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make, self._seconds, self._clock = make, seconds, clock
        self._task: asyncio.Task[T] | None = None
        self._made_at = 0.0

    async def get(self) -> T:
        """Returns the latest value; who goes away meanwhile does not take it from the others."""
        if self._task is None or (self._task.done() and self._clock() - self._made_at >= self._seconds):
            self._task = asyncio.ensure_future(run_in_threadpool(self._make))
            self._task.add_done_callback(self._note)
        return await asyncio.shield(self._task)

    def _note(self, _task: asyncio.Task[T]) -> None:
        self._made_at = self._clock()
