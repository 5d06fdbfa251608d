"""Measures where the seconds of an attempt go."""

from __future__ import annotations

import time
from collections.abc import Callable

from dlcore.design.timing import Lap, Stage, Timing


class Stopwatch:
    """Gives every second since it was started to one stage.

    Args:
        clock: a monotonic clock, in seconds.

    Example:
        >>> watch = Stopwatch(iter([0.0, 2.0, 2.5]).__next__)
        >>> watch.lap(Stage.STARTING)
        >>> watch.lap(Stage.STEPS, 50)
        >>> watch.timing.of(Stage.STEPS)
        Lap(count=50, seconds=0.5)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._last = clock, clock()
        self.timing = Timing()

    def lap(self, stage: Stage, count: int = 1, *, phase: int = 0) -> None:
        """Gives the seconds since the last lap to a stage, in which `count` more are done."""
        now = self._clock()
        self.timing += Timing({Timing.key(stage, phase): Lap(count, now - self._last)})
        self._last = now
