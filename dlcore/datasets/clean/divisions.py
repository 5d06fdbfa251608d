"""Which samples train, which validate, which test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlcore.datasets.clean.stratified import split, subset
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.samples import PART, TEST, VALIDATION, Samples
from dlcore.spec.experiment import DatasetSpec
from dlcore.spec.splits import Chronological, Grouped, SplitRule, Stratified, resolved_split

TEST_SEED = 0
"""The test part does not depend on a run's seed: what one run trained on must not test another, which
may go on from the first one's weights."""

_TEST, _VALIDATION, _SUBSET = 2, 0, 1
"""Streams of random numbers that have nothing to do with each other."""


@dataclass(frozen=True)
class Division:
    """Ascending indices of samples; none is in two parts."""

    train: Indices
    validation: Indices
    test: Indices


def divide(samples: Samples, spec: DatasetSpec, *, seed: int) -> Division:
    """The three parts: those of the dataset itself, what is lacking held back from the rest.

    Args:
        samples: the cleaned samples.
        spec: how; `train_samples` limits what is left to train on.
        seed: which of the many such divisions.
    """
    rule = resolved_split(spec.split, samples.facts)
    part = np.asarray(samples.frame[PART].astype(str))
    rest = np.flatnonzero((part != TEST) & (part != VALIDATION))
    test, validation = np.flatnonzero(part == TEST), np.flatnonzero(part == VALIDATION)
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
    return Division(rest, validation, test)


def _labels(samples: Samples, rule: SplitRule, chosen: Indices) -> Array:
    """The classes to keep in proportion; one for all where the rule keeps none."""
    if isinstance(rule, Stratified) and samples.targets is not None:
        labels: Array = samples.targets[chosen]
        return labels
    return np.zeros(len(chosen), np.int64)


def _held_back(
    samples: Samples, pool: Indices, rule: SplitRule, fraction: float, seed: int, stream: int
) -> tuple[Indices, Indices]:
    """What is left of the pool, and what is held back of it."""
    match rule:
        case Grouped():
            return _by_group(pool, samples.groups(rule.column)[pool], fraction, (seed, stream))
        case Chronological():
            order = pool[np.argsort(samples.times(rule.column)[pool], kind="stable")]
            count = len(order) - round(len(order) * fraction)
            return np.sort(order[:count]), np.sort(order[count:])
        case _:
            found = split(_labels(samples, rule, pool), fraction, seed=seed, stream=stream)
            return pool[found.train], pool[found.validation]


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
