"""How sure a number is that was measured on some samples: intervals of it, and of the difference of two.

The samples are drawn again with replacement, many times (Efron 1979); a difference draws the same samples for
both, so that what is hard for both does not count. The draws are always the same, so that a page that is opened
again says the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]

DRAWS = 2_000
LOW, HIGH = 2.5, 97.5
"""The percentiles of an interval of 95 %."""
Z = 1.959964
"""How many deviations of a normal distribution it reaches on either side."""
MOST_GROUPS = 4_000
"""Samples that are drawn one by one; of more, random groups of them are drawn, which vary as much."""
DRAWS_AT_ONCE = 200
MOST_EXACT = 1_000
"""Samples up to which a test of signs is exact; of more, the normal distribution is as good."""


@dataclass(frozen=True)
class Interval:
    """A range that holds the true value in 95 of 100 cases."""

    low: float
    high: float

    @property
    def margin(self) -> float:
        """Half of its width: what is written after the ±."""
        return (self.high - self.low) / 2

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference with this interval is one."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, eq=False)
class SampleScores:
    """A metric as it is made of its samples: a function of the means of one or several of their numbers.

    Attributes:
        parts: float64 (samples, numbers).
        combine: from means (…, numbers) to the metric (…).
    """

    parts: Floats
    combine: Callable[[Floats], Floats]

    @property
    def value(self) -> float:
        """The metric of all samples."""
        return float(self.combine(self.parts.mean(axis=0)))

    @property
    def are_yes_or_no(self) -> bool:
        """Whether it is a plain share of the samples."""
        return self.parts.shape[1] == 1 and bool(np.isin(self.parts, (0.0, 1.0)).all())


def value_interval(scores: SampleScores) -> Interval | None:
    """Returns the interval of a metric; None where drawing again always gives the same, which makes nothing certain.

    A share of all samples has Wilson's (1927), which knows a range where every sample is right, too.

    Example:
        >>> right = SampleScores(np.array([[1.0]] * 95 + [[0.0]] * 5), lambda means: means[..., 0])
        >>> interval = value_interval(right)
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.8882, 0.9785)
    """
    if scores.are_yes_or_no:
        return share_interval(scores.value, len(scores.parts))
    found = _percentiles(scores.combine(_drawn_means(scores.parts)))
    return found if found.low < found.high else None


def difference_interval(one: SampleScores, other: SampleScores) -> Interval:
    """Returns the interval of how much higher the metric of one is than that of another, on the same samples."""
    split = one.parts.shape[1]
    means = _drawn_means(np.concatenate([one.parts, other.parts], axis=1))
    return _percentiles(one.combine(means[:, :split]) - other.combine(means[:, split:]))


def sign_test(one: SampleScores, other: SampleScores) -> float:
    """Returns how likely such a difference in shares is if there is none: McNemar's test (1947), exact if it can be.

    Only the samples count that one gets right and the other wrong: of few of them the draws are too sure.
    """
    ahead = int((one.parts > other.parts).sum())
    behind = int((one.parts < other.parts).sum())
    count, fewer = ahead + behind, min(ahead, behind)
    if count > MOST_EXACT:
        return math.erfc(max(0, abs(ahead - behind) - 1) / math.sqrt(2 * count))
    return min(1.0, float(2 * sum(math.comb(count, k) for k in range(fewer + 1)) / 2.0**count))


def share_interval(share: float, samples: int) -> Interval:
    """Returns the interval of a share of some samples: Wilson's (1927).

    Example:
        >>> interval = share_interval(1.0, 10)
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.7225, 1.0)
    """
    scale = 1 + Z**2 / samples
    middle = (share + Z**2 / (2 * samples)) / scale
    margin = Z / scale * math.sqrt(share * (1 - share) / samples + Z**2 / (4 * samples**2))
    return Interval(max(0.0, middle - margin), min(1.0, middle + margin))


def _percentiles(values: Floats) -> Interval:
    low, high = np.percentile(values, (LOW, HIGH))
    return Interval(float(low), float(high))


def _drawn_means(parts: Floats) -> Floats:
    """Returns the means of samples drawn again: (draws, numbers)."""
    generator = np.random.default_rng(0)
    sums, sizes, chances, count = _groups(parts, generator)
    found = []
    for _turn in range(0, DRAWS, DRAWS_AT_ONCE):
        times = generator.multinomial(count, chances, size=DRAWS_AT_ONCE).astype(np.float64)
        found.append((times @ sums) / (times @ sizes)[:, None])
    return np.concatenate(found)


def _groups(parts: Floats, generator: np.random.Generator) -> tuple[Floats, Floats, Floats, int]:
    """Returns what is drawn: sums, sizes and chances of groups of samples, and how many of them.

    Samples with the same numbers are one group: right and wrong answers are few of them, however many samples.
    """
    rows, counts = np.unique(parts, axis=0, return_counts=True)
    if len(rows) <= MOST_GROUPS:
        return rows, np.ones(len(rows)), counts / len(parts), len(parts)
    starts = np.arange(0, len(parts), -(-len(parts) // MOST_GROUPS))
    sums = np.add.reduceat(parts[generator.permutation(len(parts))], starts)
    sizes = np.diff(np.append(starts, len(parts))).astype(np.float64)
    return sums, sizes, np.full(len(starts), 1 / len(starts)), len(starts)
