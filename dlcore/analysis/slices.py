"""Which kinds of samples a model does badly on: one metric for each value, or range of values, of what is known of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from dlcore.analysis.answers import Array
from dlcore.analysis.intervals import Floats, Interval, Z, share_interval

LEAST_SAMPLES = 10
"""Of fewer, the metric of a slice says little."""
MOST_VALUES = 20
"""Of a column with more, the most frequent ones."""
RANGES = 4
"""As many as numbers are cut into, with about equally many samples each."""


@dataclass(frozen=True)
class Slice:
    """Samples that have something in common.

    Attributes:
        column: what is known of them.
        value: what they have of it; of numbers None.
        low, high: the lowest and the highest of their numbers; of names NaN.
        samples: how many.
        score: their share of right answers, or their mean error.
        interval: of the score.
        rest: the score of all others; NaN where there are none.
    """

    column: str
    value: str | None
    low: float
    high: float
    samples: int
    score: float
    interval: Interval
    rest: float


def find_slices(columns: Mapping[str, Array | pd.Series], scores: Array, *, higher: bool) -> list[Slice]:
    """Returns the slices of all columns, those first that are surely worse than the others.

    Args:
        columns: (samples,) of each what is known, by its name; numbers that are missing are left out, missing names
            are a value of their own.
        scores: (samples,) whether each answer is right, or its error.
        higher: whether a higher score is better.
    """
    values = np.asarray(scores, np.float64)
    found = [one for name, known in columns.items() for one in _of_column(name, known, values, higher)]
    return sorted(found, key=lambda one: _surely(one, higher))


def _surely(one: Slice, higher: bool) -> float:
    """Returns how much better than the others it is at best: the lowest is surely the worst."""
    if math.isnan(one.rest):
        return math.inf
    return one.interval.high - one.rest if higher else one.rest - one.interval.low


def _of_column(name: str, known: Array | pd.Series, scores: Floats, higher: bool) -> Iterator[Slice]:
    column = pd.Series(np.asarray(known))
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if is_number and column.nunique() > RANGES:
        yield from _ranges(name, column.to_numpy(np.float64), scores, higher)
        return
    names = column.astype(object).where(column.notna(), "")
    for value in names.value_counts().index[:MOST_VALUES]:
        own = (names == value).to_numpy(np.bool_)
        # Seconds since 1970 have ten digits.
        text = f"{value:.10g}" if isinstance(value, float) else str(value)
        if own.sum() >= LEAST_SAMPLES:
            yield _slice(name, text, (math.nan, math.nan), own, scores, higher)


def _ranges(name: str, column: Floats, scores: Floats, higher: bool) -> Iterator[Slice]:
    finite = np.isfinite(column)
    edges = np.unique(np.quantile(column[finite], np.linspace(0, 1, RANGES + 1)))
    for low, high in pairwise(edges):
        own = finite & (column <= high) & ((column > low) | (low == edges[0]))
        if own.sum() >= LEAST_SAMPLES:
            # The ends that occur: a count of 13 would else seem to be in "7 to 13" and "13 to 20".
            ends = float(column[own].min()), float(column[own].max())
            yield _slice(name, None, ends, own, scores, higher)


def _slice(
    name: str, value: str | None, ends: tuple[float, float], own: Array, scores: Floats, higher: bool
) -> Slice:
    chosen, others = scores[own], scores[~own]
    score, count = float(chosen.mean()), len(chosen)
    if higher:
        interval = share_interval(score, count)
    else:
        margin = Z * float(chosen.std(ddof=1)) / math.sqrt(count) if count > 1 else math.inf
        interval = Interval(score - margin, score + margin)
    return Slice(
        name, value, *ends, count, score, interval, float(others.mean()) if len(others) else math.nan
    )
