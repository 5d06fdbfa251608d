"""What this process counts of itself while it serves: how long ticks take, and errors."""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import cache

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds between which durations are counted."""
_LOGGERS = ("dlcore", "uvicorn.error")
"""Who tells of errors that are no script's: our own, and the server of requests that failed."""


class Durations:
    """Counts how long something took; belongs to the server's event loop.

    Example:
        >>> ticks = Durations()
        >>> for seconds in (0.001, 0.003, 9.0):
        ...     ticks.add(seconds)
        >>> ticks.up_to()[:4], ticks.up_to()[-1], ticks.total
        ([('0.001', 1), ('0.0025', 1), ('0.005', 2), ('0.01', 2)], ('+Inf', 3), 9.004)
    """

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Counts one."""
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def up_to(self) -> Sequence[tuple[str, int]]:
        """Returns for each bound, the last one infinite, how many took at most that long."""
        found, so_far = [], 0
        for bound, count in zip([*map(str, BOUNDS), "+Inf"], self._counts, strict=True):
            so_far += count
            found.append((bound, so_far))
        return found


class Errors(logging.Handler):
    """Counts the errors of scripts, and those that are logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.by_source = Counter({"script": 0, "server": 0})

    def emit(self, record: logging.LogRecord) -> None:
        """Counts a line."""
        self.by_source["server"] += 1

    def in_script(self, error: Exception) -> None:
        """Counts an exception that a script of a page did not catch; Streamlit shows and logs it."""
        self.by_source["script"] += 1

    def listen(self) -> None:
        """Counts what is logged from now on."""
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(self)


@cache
def errors() -> Errors:
    """Returns the count of this process."""
    return Errors()
