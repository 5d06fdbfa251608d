"""Low, mean, high and deviation of numbers that come in blocks, and numbers that stand for missing ones."""

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


_STAND_INS = np.array([-200.0, -99, -999, -9999, -99999, -999999, 999, 9999, 99999, 999999])
"""What programs and devices write where there is no value."""


class StandIns:
    """Looks for a number that comes again and is far from all others: `-999` among temperatures."""

    def __init__(self) -> None:
        self._counts = np.zeros(len(_STAND_INS), np.int64)
        self._low, self._high = np.inf, -np.inf

    def add(self, values: Floats, counts: npt.NDArray[np.int64]) -> None:
        """Takes some numbers into account.

        Args:
            values: all finite, each once.
            counts: how often each comes.
        """
        odd = np.isin(values, _STAND_INS)
        for value, count in zip(values[odd].tolist(), counts[odd].tolist(), strict=True):
            self._counts[value == _STAND_INS] += count
        if (rest := values[~odd]).size:
            self._low, self._high = min(self._low, float(rest.min())), max(self._high, float(rest.max()))

    @property
    def found(self) -> tuple[float, int] | None:
        """The number and how many rows have it, if there is such."""
        spread = self._high - self._low
        for value, count in zip(_STAND_INS.tolist(), self._counts.tolist(), strict=True):
            if count > 1 and max(self._low - value, value - self._high) > spread > 0:
                return value, count
        return None
