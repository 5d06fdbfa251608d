"""Which samples train, which validate, which test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.samples import EXCLUDED, FIRST, PART, TEST, VALIDATION, Samples
from dlcore.spec.data import DataKind
from dlcore.spec.experiment import DatasetSpec
from dlcore.spec.splits import Chronological, Grouped, SplitRule, Stratified, resolved_split

TEST_SEED = 0
"""The test part does not depend on a run's seed: what one run trained on must not test another, which
may continue from the first one's weights."""

_TEST, _VALIDATION, _SUBSET = 2, 0, 1
"""Streams of random numbers that have nothing to do with each other."""


@dataclass(frozen=True)
class Division:
    """Ascending indices of samples; none is in two parts."""

    train: Indices
    validation: Indices
    test: Indices


LAST_PART = 2
"""The number of the part of tests."""


def part_of_rows(count: int, division: Division) -> Indices:
    """(count,) the number of each row's part, in the order of time; −1 for rows that are in none."""
    part = np.full(count, -1, np.int64)
    for number, rows in enumerate((division.train, division.validation, division.test)):
        part[rows] = number
    return part


def divide(samples: Samples, spec: DatasetSpec, *, seed: int) -> Division:
    """Returns the three parts: the dataset's own, and missing ones split off from the rest.

    Of a corrected version they are drawn by the classes of the first one, and with the samples that are left out since:
    so all others are in the part in which they were.

    Args:
        samples: the cleaned samples.
        spec: how; `train_samples` limits what is left to train on.
        seed: which of the many such divisions.
    """
    rule = resolved_split(spec.split, samples.facts)
    # Never as an array of texts, which takes 40 bytes a row.
    part = samples.frame[PART]
    in_test, in_validation = ((part == name).to_numpy(np.bool_) for name in (TEST, VALIDATION))
    rest = np.flatnonzero(~in_test & ~in_validation)
    test, validation = np.flatnonzero(in_test), np.flatnonzero(in_validation)
    if not len(test):
        rest, test = _held_back(samples, rest, rule, spec.test_fraction, TEST_SEED, _TEST)
    if not len(validation):
        rest, validation = _held_back(samples, rest, rule, spec.validation_fraction, seed, _VALIDATION)
    if spec.train_samples is not None and spec.train_samples < len(rest):
        if isinstance(rule, Chronological):
            # The latest: a series with holes would be another series.
            latest = np.argsort(samples.times(rule.column)[rest], kind="stable")[-spec.train_samples :]
            rest = np.sort(rest[latest])
        else:
            rest = rest[subset(_labels(samples, rule, rest), spec.train_samples, seed=seed)]
    return Division(*(_left(samples, part) for part in (rest, validation, test)))


def _left(samples: Samples, part: Indices) -> Indices:
    """Returns the samples of a part that are not left out."""
    if EXCLUDED not in samples.frame:
        return part
    left: Indices = part[~samples.frame[EXCLUDED].to_numpy(np.bool_)[part]]
    return left


def _labels(samples: Samples, rule: SplitRule, chosen: Indices) -> Array:
    """Returns the classes to keep in proportion; one for all where the rule keeps none."""
    if isinstance(rule, Stratified) and samples.targets is not None:
        first = samples.frame[FIRST].to_numpy() if FIRST in samples.frame else samples.targets
        labels: Array = first[chosen]
        return labels
    return np.zeros(len(chosen), np.int64)


def _held_back(
    samples: Samples, pool: Indices, rule: SplitRule, fraction: float, seed: int, stream: int
) -> tuple[Indices, Indices]:
    """Returns what is left of the pool, and what is held back of it."""
    match rule:
        case Grouped():
            return _by_group(pool, samples.groups(rule.column)[pool], fraction, (seed, stream))
        case Chronological():
            times = samples.times(rule.column)[pool]
            order = np.argsort(times, kind="stable")
            count = len(order) - round(len(order) * fraction)
            if samples.facts.kind is DataKind.SERIES:
                count = _nearest_border(times[order], count)
            return np.sort(pool[order[:count]]), np.sort(pool[order[count:]])
        case _:
            found = split(_labels(samples, rule, pool), fraction, seed=seed, stream=stream)
            return pool[found.train], pool[found.validation]


def _nearest_border(times: Array, count: int) -> int:
    """Returns where to cut instead of at `count`: what several series have at one time stays together.

    Example:
        >>> _nearest_border(np.array([1, 1, 1, 2, 2, 2, 3, 3, 3]), 7)
        6
    """
    borders = np.flatnonzero(np.diff(times)) + 1
    known = np.append(borders, len(times))
    return int(known[np.argmin(np.abs(known - count))])


def _by_group(
    pool: Indices, groups: Array, fraction: float, seed: tuple[int, int]
) -> tuple[Indices, Indices]:
    """Whole groups in random order until the fraction is reached; one at least stays on either side."""
    names, members = np.unique(groups, return_inverse=True)
    if not fraction or len(names) < 2:
        return pool, pool[:0]
    counts = np.bincount(members)
    order = np.random.default_rng(seed).permutation(len(names))
    held = np.cumsum(counts[order])
    nearest = int(np.argmin(np.abs(held - len(pool) * fraction)))
    chosen = np.isin(members, order[: min(nearest + 1, len(names) - 1)])
    return pool[~chosen], pool[chosen]


# Stratified parts, in pure NumPy: importing scikit-learn takes 1.5 s.


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
    return np.flatnonzero(_drawn(values, classes, quotas, (seed, _SUBSET))).astype(np.int64)


def _quotas(counts: Indices, total: int, lowest: Indices, highest: Indices) -> Indices:
    """Returns how many of each class, `total` together: the nearest to proportion within the bounds.

    Whole numbers only: `counts * total - quotas * samples` is how far a class is below its share.
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
