"""Low, mean, high and deviation of numbers that come in blocks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class NumberSummary:
    """Collects blocks of numbers; the moments are joined by the formula of Chan, Golub and LeVeque (1979).

    Attributes:
        count: how many numbers there are.
        low, high: the lowest and the highest.
        whole: whether all are whole.
    """

    def __init__(self) -> None:
        self.count, self.low, self.high, self.whole = 0, np.inf, -np.inf, True
        # In units of the largest, so that squares of 1e300 are numbers, too.
        self._unit, self._mean, self._squares = 0.0, 0.0, 0.0

    def add(self, values: Floats, counts: npt.NDArray[np.int64]) -> None:
        """Takes some numbers into account.

        Args:
            values: all finite.
            counts: how often each comes.
        """
        if not len(values):
            return
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))
        self.whole = self.whole and bool((values % 1 == 0).all())
        self._grow(max(abs(self.low), abs(self.high)) or 1.0)
        scaled, count = values / self._unit, int(counts.sum())
        mean = float((scaled * counts).sum() / count)
        delta, total = mean - self._mean, self.count + count
        self._squares += float((counts * (scaled - mean) ** 2).sum()) + delta**2 * self.count * count / total
        self._mean += delta * count / total
        self.count = total

    def _grow(self, unit: float) -> None:
        if unit > self._unit:
            self._mean *= self._unit / unit
            self._squares *= (self._unit / unit) ** 2
            self._unit = unit

    def to_dict(self) -> dict[str, float]:
        """Returns them by name; nothing where there are no numbers."""
        if not self.count:
            return {}
        deviation = (self._squares / self.count) ** 0.5 * self._unit
        return {"low": self.low, "mean": self._mean * self._unit, "high": self.high, "std": deviation}
