"""Whether processes that work for long stay as they are: memory, open files and threads as they go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil

BETWEEN_LOOKS = 1.0
WARM_UP = 1 / 3
"""The part of the time in which caches may fill."""
LEAST_WARM_UP = 150.0
"""Streamlit keeps a session two minutes for a browser that comes back, and three open files for each."""

_MB = 1e6


class Measure(StrEnum):
    """What is looked at, as it is printed."""

    MEMORY = "memory (MB)"
    FILES = "open files"
    THREADS = "threads"


MOST_GROWTH = {Measure.MEMORY: 8.0, Measure.FILES: 2.0, Measure.THREADS: 2.0}
"""By how much each may grow after the warm-up."""


@dataclass
class Member:
    """A process that is there from the beginning to the end.

    Attributes:
        name: what it is called in the table.
        process: it.
        moments: when it was looked at, in seconds.
        values: what was seen then.
        has_ended: whether it was gone.
    """

    name: str
    process: psutil.Process
    moments: list[float] = field(default_factory=list)
    values: dict[Measure, list[float]] = field(default_factory=lambda: {one: [] for one in Measure})
    has_ended: bool = False

    def look(self, moment: float) -> None:
        """Takes one sample."""
        try:
            seen = {
                Measure.MEMORY: own_bytes(self.process) / _MB,
                Measure.FILES: float(self.process.num_fds()),
                Measure.THREADS: float(self.process.num_threads()),
            }
        except psutil.NoSuchProcess:
            self.has_ended = True
            return
        self.moments.append(moment)
        for measure, value in seen.items():
            self.values[measure].append(value)

    def lines(self) -> list[tuple[Measure, float, float, float]]:
        """Returns for each measure its value after the warm-up, its highest one, and by how much it has grown."""
        return [
            (measure, *growth_of(self.moments, values)) for measure, values in self.values.items() if values
        ]

    @property
    def is_warm(self) -> bool:
        """Whether it was looked at for long enough to say whether it grows."""
        return bool(self.moments) and self.moments[-1] - self.moments[0] > 1.5 * LEAST_WARM_UP

    def faults(self) -> list[str]:
        """Returns what has grown too much."""
        if self.has_ended:
            return [f"{self.name} has ended"]
        if not self.is_warm:
            return []
        return [
            f"{self.name}: {measure.value} grew by {grown:.1f} from {first:.1f}"
            for measure, first, _most, grown in self.lines()
            if grown > MOST_GROWTH[measure]
        ]


def own_bytes(process: psutil.Process) -> float:
    """Returns the memory of a process without the files that it has mapped, where the system tells."""
    with suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        return sum(
            1024.0 * int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:"))
        )
    return float(process.memory_info().rss)


def growth_of(moments: Sequence[float], values: Sequence[float]) -> tuple[float, float, float]:
    """Returns the first value after the warm-up, the highest one, and by how much it grew, noise apart.

    The slope is the median of those of all pairs of samples (Theil and Sen), which a peak does not move.

    Example:
        >>> first, most, grown = growth_of(range(10), [0, 0, 0, 1, 2, 3, 90, 5, 6, 7])
        >>> (first, most, round(grown))
        (1.0, 90.0, 6)
    """
    span = moments[-1] - moments[0]
    begun = moments[0] + (
        max(LEAST_WARM_UP, WARM_UP * span) if span > 1.5 * LEAST_WARM_UP else WARM_UP * span
    )
    kept = np.asarray(moments) >= begun
    x, y = np.asarray(moments, np.float64)[kept], np.asarray(values, np.float64)[kept]
    return float(y[0]), float(y.max()), _slope(x, y) * float(x[-1] - x[0])


def _slope(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> float:
    before, after = np.triu_indices(len(x), 1)
    if not len(before):
        return 0.0
    return float(np.median((y[after] - y[before]) / (x[after] - x[before])))


class Watch(threading.Thread):
    """Looks at processes until `stop`."""

    def __init__(self, members: Sequence[Member]) -> None:
        super().__init__(name="watch", daemon=True)
        self.members, self._over = members, threading.Event()

    def run(self) -> None:
        """Takes a sample of each, again and again."""
        while not self._over.wait(BETWEEN_LOOKS):
            for member in self.members:
                member.look(time.monotonic())

    def stop(self) -> None:
        """Ends it."""
        self._over.set()
        self.join()
