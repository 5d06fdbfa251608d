"""What the forecast of a series starts from, before it learns anything: measured without its test part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from dlcore.datasets.ingest.panels import series_blocks
from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.table_values import OpenTable
from dlcore.datasets.samples import TEST
from dlcore.design.templates.proposals import window_length
from dlcore.records.gains import BLOCKS, is_better
from dlcore.spec.data import LAST_VALUE, ColumnRole, DatasetFacts, ForecastStart, Task
from dlcore.spec.experiment import DatasetSpec

MOST_ROWS = 100_000
"""A longer series has enough to learn from, wherever it starts."""

FEWEST_WINDOWS = 2 * BLOCKS
"""Fewer say nothing."""

CLEARLY = 2.0
"""Standard errors by which another start must be better than the last value."""

SHARES = 10
"""The share of the distance from the mean that is kept is one of so many steps, which people can read."""

Floats = npt.NDArray[np.float64]


def find_start(facts: DatasetFacts, table: OpenTable) -> ForecastStart:
    """Returns the mean of the last rows, drawn towards the mean of all, that is the least wrong of the next row;
    the last value, unless that is clearly worse.

    What tests a forecast is not looked at: the rows of the dataset's own test part, or else those that a division
    without a change leaves for it.
    """
    if facts.task is not Task.FORECASTING or table.rows > MOST_ROWS:
        return LAST_VALUE
    series = list(_known_series(facts, table))
    whole = np.concatenate(series) if series else np.zeros((0, 1))
    length = window_length(facts)
    if len(whole) < FEWEST_WINDOWS or not np.isfinite(whole).all():
        return LAST_VALUE
    deviation = whole.std(axis=0)
    scaled = [(one - whole.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0) for one in series]
    windows = [
        np.moveaxis(sliding_window_view(one, length + 1, axis=0), -1, 1)
        for one in scaled
        if len(one) > length
    ]
    if sum(map(len, windows)) < FEWEST_WINDOWS:
        return LAST_VALUE
    every = np.concatenate(windows)
    return best_start(every[:, :-1], every[:, -1])


def _known_series(facts: DatasetFacts, table: OpenTable) -> Iterator[Floats]:
    """Yields (rows, targets) what is not for testing, in the order of time, series by series; what is missing is
    the last value that is known.
    """
    rows = table.rows
    targets = facts.columns_of(ColumnRole.TARGET)
    values = np.stack([np.concatenate(list(table.numbers(one.name))) for one in targets], axis=1)
    times = np.arange(rows, dtype=np.float64)
    for column in facts.columns_of(ColumnRole.TIME):
        times = np.concatenate(list(table.numbers(column.name)))
    blocks = series_blocks(facts.columns, table)
    series = np.zeros(rows, np.int64) if blocks is None else np.concatenate(list(blocks))
    known = np.flatnonzero(~_is_tested(facts, table, times))
    order = known[np.lexsort((times[known], series[known]))]
    for one in np.split(order, np.flatnonzero(np.diff(series[order])) + 1):
        yield _filled(values[one])


def _is_tested(facts: DatasetFacts, table: OpenTable, times: Floats) -> npt.NDArray[np.bool_]:
    """(rows,) whether a row is of the test part."""
    for column in facts.columns_of(ColumnRole.PART):
        parts = [
            np.array([*(part_of(text) == TEST for text in block.texts), False])[block.codes]
            for block in table.cells.table.column(column.name).blocks()
        ]
        if any(one.any() for one in parts):
            return np.concatenate(parts)
    tested = np.zeros(len(times), np.bool_)
    count = len(times) - round(len(times) * DatasetSpec().test_fraction)
    tested[np.argsort(times, kind="stable")[count:]] = True
    return tested


def _filled(values: Floats) -> Floats:
    """Returns values with the last known ones where some are missing; rows before all are known are left out."""
    places = np.where(np.isfinite(values), np.arange(len(values))[:, None], -1)
    last = np.maximum.accumulate(places, axis=0)
    whole = (last >= 0).all(axis=1)
    return np.take_along_axis(values, np.maximum(last, 0), axis=0)[whole]


@dataclass(frozen=True)
class _Tried:
    start: ForecastStart
    losses: Floats


def best_start(past: Floats, truth: Floats) -> ForecastStart:
    """Returns the start with the lowest loss, or the last value where it is not clearly better.

    Args:
        past: (windows, rows, targets) of mean 0 and deviation 1.
        truth: (windows, targets) the row after each.
    """
    tried = [
        _Tried(ForecastStart(rows, share), ((share * level - truth) ** 2).mean(axis=1))
        for rows in range(1, past.shape[1] + 1)
        for level in [past[:, -rows:].mean(axis=1)]
        for share in dict.fromkeys((1.0, _share(level, truth)))
    ]
    best = min(tried, key=lambda one: float(one.losses.mean()))
    before, after = (_blocks(one.losses) for one in (tried[0], best))
    return best.start if is_better(before, after, CLEARLY) else LAST_VALUE


def _share(level: Floats, truth: Floats) -> float:
    """Returns the share of the level that is the least wrong, by least squares."""
    size = float((level**2).sum())
    share = float((level * truth).sum()) / size if size else 1.0
    return round(min(max(share, 0.0), 1.0) * SHARES) / SHARES


def _blocks(losses: Floats) -> Floats:
    return np.array([block.mean() for block in np.array_split(losses, BLOCKS)])
