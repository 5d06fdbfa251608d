"""How sure the mean of a few numbers is, and the difference of two such means.

The spread of a few numbers is itself unsure, so the intervals are Student's (1908), which are the wider the fewer
numbers there are. Of two means it is Welch's (1947): their numbers may scatter differently. With variances s² of n
numbers each, the standard error of the difference is

    e = sqrt(s₁² / n₁ + s₂² / n₂)

and the degrees of freedom are Satterthwaite's (1946):

    ν = e⁴ / ((s₁² / n₁)² / (n₁ - 1) + (s₂² / n₂)² / (n₂ - 1))

The interval of 95 % is the difference ± t(0.975, ν) · e.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from dlcore.analysis.intervals import Interval

ABOVE = 0.975
"""The share of the distribution below the upper end of an interval of 95 %."""


def mean_interval(values: Sequence[float]) -> Interval | None:
    """Returns the interval of a mean; None of fewer than two numbers, and of equal ones, which make nothing certain.

    Example:
        >>> interval = mean_interval([0.90, 0.92, 0.94])
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.8703, 0.9697)
    """
    if len(values) < 2:
        return None
    error = statistics.stdev(values) / math.sqrt(len(values))
    return _interval(statistics.fmean(values), error, len(values) - 1)


def difference_of_means(one: Sequence[float], other: Sequence[float]) -> Interval | None:
    """Returns the interval of how much the mean of one is above that of another; None as `mean_interval`."""
    if len(one) < 2 or len(other) < 2:
        return None
    shares = [statistics.variance(values) / len(values) for values in (one, other)]
    squared = sum(shares)
    below = sum(share**2 / (len(values) - 1) for share, values in zip(shares, (one, other), strict=True))
    difference = statistics.fmean(one) - statistics.fmean(other)
    return _interval(difference, math.sqrt(squared), squared**2 / below if below else 0.0)


def _interval(middle: float, error: float, freedom: float) -> Interval | None:
    # Equal numbers leave a rounding error, which is no spread.
    if error <= 1e-12 * abs(middle) or not freedom:
        return None
    # Only here: a tenth of what the command line takes to start, and most of that needs none.
    from scipy.special import stdtrit

    margin = float(stdtrit(freedom, ABOVE)) * error
    return Interval(middle - margin, middle + margin)
