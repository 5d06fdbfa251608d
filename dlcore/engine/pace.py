"""How many batches to train before the next report."""

from __future__ import annotations

from dataclasses import dataclass

REPORT_SECONDS = 0.35
"""Often enough that a page looks alive, seldom enough that Python costs nothing."""

FIRST, SECOND, GROWTH = 1, 4, 8


@dataclass
class Pace:
    """Chunk sizes that take about `REPORT_SECONDS`; the first are short,
    so that the page shows progress early.

    Example:
        >>> pace = Pace()
        >>> pace.batches(100)
        1
        >>> pace.took(1, seconds=2.0)  # The first call compiles: it says nothing of the speed.
        >>> pace.batches(100)
        4
        >>> pace.took(4, seconds=0.04)
        >>> pace.batches(100)
        32
    """

    _length: int = 0

    def batches(self, left: int) -> int:
        """Returns the length of the next chunk, of `left` batches that remain."""
        return min(left, self._length or FIRST)

    def took(self, batches: int, *, seconds: float) -> None:
        """Learns from a chunk."""
        if not self._length:
            self._length = SECOND
            return
        fitting = int(REPORT_SECONDS * batches / max(seconds, 1e-6))
        self._length = max(1, min(fitting, self._length * GROWTH))
