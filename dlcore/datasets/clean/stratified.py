"""Stratified parts: every class keeps its share. Pure numpy (importing scikit-learn takes 1.5 s)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Which samples are for training and which for validation; ascending indices, none in both."""

    train: Indices
    validation: Indices


def split(labels: npt.ArrayLike, fraction: float, *, seed: int, stream: int = 0) -> Split:
    """Holds back `round(samples * fraction)` samples for validation, each class in proportion.

    A class keeps at least one training sample, and one of two or more samples has at least one in
    either part, as long as the sizes allow it. The same arguments always give the same split.

    Args:
        labels: (samples,) integers.
        fraction: from 0 (nothing held back) to 1.
        seed: which of the many such splits.
        stream: random numbers of another stream have nothing to do with these.

    Example:
        >>> split([0, 0, 0, 0, 1, 1, 1, 1], 0.25, seed=0).validation.shape
        (2,)
    """
    values = np.asarray(labels)
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction must be from 0 to 1, not {fraction}")
    classes, counts = np.unique(values, return_counts=True)
    total = round(len(values) * fraction)
    highest = counts - 1 if total <= int((counts - 1).sum()) else counts
    lowest = (counts >= 2).astype(np.int64)
    held = _drawn(values, classes, _quotas(counts, total, lowest, highest), (seed, stream))
    return Split(np.flatnonzero(~held).astype(np.int64), np.flatnonzero(held).astype(np.int64))


def subset(labels: npt.ArrayLike, count: int, *, seed: int) -> Indices:
    """`count` samples (or all, if there are fewer), each class in proportion; ascending indices.

    Every class is in it, as long as `count` allows it.
    """
    values = np.asarray(labels)
    if count >= len(values):
        return np.arange(len(values), dtype=np.int64)
    classes, counts = np.unique(values, return_counts=True)
    quotas = _quotas(counts, count, np.ones_like(counts), counts)
    return np.flatnonzero(_drawn(values, classes, quotas, (seed, 1))).astype(np.int64)


def _quotas(counts: Indices, total: int, lowest: Indices, highest: Indices) -> Indices:
    """How many of each class, `total` together: the nearest to proportion within the bounds.

    Whole numbers only: `counts * total - quotas * samples` is how far a class lies below its share.
    """
    samples = int(counts.sum())
    if total < int(lowest.sum()):
        lowest = np.zeros_like(counts)
    if not samples:
        return counts
    quotas: Indices = np.clip(counts * total // samples, lowest, highest)
    while (lacking := total - int(quotas.sum())) != 0:
        below = (counts * total - quotas * samples).astype(np.float64)
        if lacking > 0:
            quotas[np.argmax(np.where(quotas < highest, below, -np.inf))] += 1
        else:
            quotas[np.argmin(np.where(quotas > lowest, below, np.inf))] -= 1
    return quotas


def _drawn(
    values: npt.NDArray[np.int64], classes: Indices, quotas: Indices, seed: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """(samples,) true for `quotas[i]` random samples of each class."""
    drawn = np.zeros(len(values), dtype=np.bool_)
    generator = np.random.default_rng(seed)
    for label, quota in zip(classes, quotas, strict=True):
        drawn[generator.permutation(np.flatnonzero(values == label))[:quota]] = True
    return drawn
