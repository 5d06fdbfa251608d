"""Curves as they come out of the store: points, and what stands for the points of a long one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

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


@dataclass(frozen=True, eq=False)
class Spans:
    """Stretches of a curve, in the order of their last steps; a point is one, too.

    Attributes:
        first, last: where each begins and ends.
        low, high, mean: of its values; NaN where there is none.
        count: how many values it has.

    Shape:
        each: float64 (stretches,).
    """

    first: Array
    last: Array
    low: Array
    high: Array
    mean: Array
    count: Array

    @classmethod
    def of_points(cls, x: Array, y: Array) -> Spans:
        """Returns points as stretches."""
        return cls(x, x, y, y, y, np.isfinite(y).astype(np.float64))

    @classmethod
    def of_rows(cls, rows: Sequence[Any]) -> Spans:
        """Returns rows of the store as stretches: last and first step, count, mean, lowest, highest."""
        # By columns: of rows, NumPy would ask each one first whether it is an array.
        columns = zip(*rows, strict=True) if rows else [()] * 6
        last, first, count, mean, low, high = (np.array(column, dtype=np.float64) for column in columns)
        return cls(first, last, low, high, mean, count)

    def rows(self) -> Iterator[tuple[float | int | None, ...]]:
        """Yields them as rows of the store, as `of_rows` takes them."""
        values = (
            [None if math.isnan(one) else one for one in of.tolist()]
            for of in (self.mean, self.low, self.high)
        )
        counts = self.count.astype(np.int64).tolist()
        return zip(self.last.tolist(), self.first.tolist(), counts, *values, strict=True)

    @classmethod
    def joined(cls, parts: Sequence[Spans]) -> Spans:
        """Returns the stretches of all parts, in the order of their last steps."""
        found = cls(*(np.concatenate([getattr(one, field.name) for one in parts]) for field in fields(cls)))
        if (np.diff(found.last) >= 0).all():
            return found
        return found.at(np.argsort(found.last, kind="stable"))

    def at(self, places: slice | npt.NDArray[np.int64]) -> Spans:
        """Returns those at some places."""
        return Spans(*(getattr(self, field.name)[places] for field in fields(self)))

    def together(self, places: npt.NDArray[np.int64]) -> Spans:
        """Returns all of them from each of some rising places to the next as one; the first place is 0."""
        counts = np.add.reduceat(self.count, places)
        sums = np.add.reduceat(np.where(self.count > 0, self.mean * self.count, 0.0), places)
        return Spans(
            first=np.minimum.reduceat(self.first, places),
            last=self.last[np.append(places[1:], len(self.last)) - 1],
            low=np.fmin.reduceat(self.low, places),
            high=np.fmax.reduceat(self.high, places),
            mean=np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0),
            count=counts,
        )


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
    return thin_spans(Spans.of_points(x, y), buckets)


def thin_spans(spans: Spans, buckets: int) -> Curve:
    """Returns the lowest and the highest value of stretches, bucket by bucket, and the mean; see `thin`."""
    if len(spans.last) <= 2 * buckets and (spans.first == spans.last).all():
        return Curve(spans.last, spans.mean)
    begin, end = spans.first.min(), spans.last[-1]
    width = (end - begin) / buckets or 1.0
    bucket = np.minimum(((spans.last - begin) / width).astype(np.int64), buckets - 1)
    found = spans.together(np.flatnonzero(np.diff(bucket, prepend=-1)))
    # Where steps did not rise, a stretch may begin before the one in front of it; what is drawn does not go back.
    starts = np.minimum.accumulate(found.first[::-1])[::-1]
    starts[1:] = np.maximum(starts[1:], found.last[:-1])
    return Curve(
        _interleaved(starts, found.last), _interleaved(found.low, found.high), Means(found.last, found.mean)
    )


def _interleaved(first: Array, second: Array) -> Array:
    return np.column_stack((first, second)).ravel()
