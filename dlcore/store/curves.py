"""Curves as they come out of the store: points, and what stands for the points of a long one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Means:
    """The mean of each small range of a curve, at the last step of the range.

    Shape:
        x, y: float64 (ranges,).
    """

    x: Array
    y: Array


@dataclass(frozen=True, eq=False)
class Curve:
    """Points of one series, in the order of their steps.

    Attributes:
        means: where only the lowest and highest points of small ranges are here, not each point: the
            mean of each range. Extremes show every spike, but no trend follows from them.

    Shape:
        x, y: float64 (points,).
    """

    x: Array
    y: Array
    means: Means | None = None

    @property
    def thinned(self) -> bool:
        """Whether only the extremes of small ranges are here."""
        return self.means is not None


def thin(x: Array, y: Array, buckets: int) -> Curve:
    """Returns at most `2 · buckets` points of a curve: each bucket's lowest and highest value.

    The lowest is at the first step of its bucket, the highest at the last: a bucket is about as
    wide as a pixel.

    Args:
        x: rising steps.
        y: values; NaN where there is no number.
        buckets: into how many ranges of equal width the steps are divided.

    Example:
        >>> curve = thin(np.arange(6.0), np.array([3, 1, 2, 9, 9, 6.0]), buckets=2)
        >>> curve.x.tolist(), curve.y.tolist()
        ([0.0, 2.0, 3.0, 5.0], [1.0, 3.0, 6.0, 9.0])
        >>> curve.means.x.tolist(), curve.means.y.tolist()
        ([2.0, 5.0], [2.0, 8.0])
    """
    if len(x) <= 2 * buckets:
        return Curve(x, y)
    width = (x[-1] - x[0]) / buckets or 1.0
    bucket = np.minimum(((x - x[0]) / width).astype(np.int64), buckets - 1)
    starts = np.flatnonzero(np.diff(bucket, prepend=-1))
    ends = np.append(starts[1:], len(x)) - 1
    known = np.isfinite(y)
    counts = np.add.reduceat(known.astype(np.float64), starts)
    sums = np.add.reduceat(np.where(known, y, 0.0), starts)
    means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    extremes = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    return Curve(_interleaved(x[starts], x[ends]), _interleaved(*extremes), Means(x[ends], means))


def _interleaved(first: Array, second: Array) -> Array:
    return np.column_stack((first, second)).ravel()
