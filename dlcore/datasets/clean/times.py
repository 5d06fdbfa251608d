"""Times of a series that come again, and times that are missing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.columns import EXAMPLES, LEARNT_FROM
from dlcore.datasets.parts import Indices
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, DatasetError
from dlcore.spec.cleaning import RegularTimes
from dlcore.spec.data import ColumnRole, ColumnType

WIDE = 1.9
"""A step from one row to the next that is so many times the usual one is a gap."""

_MOST = 10
"""Times as many rows as there are that gaps may be filled with; a clock that is wrong once asks for more."""


@dataclass(frozen=True)
class RegularSeries:
    """A series whose times come once, at equal distances.

    Attributes:
        samples: its rows in the order of time.
        usual: the usual time from one row to the next; 0 where there is none, or it does not matter.
        removed: rows that were left out.
        new: rows that were added.
        examples: a few of both, in words.
    """

    samples: Samples
    usual: float
    removed: int
    new: int
    examples: tuple[str, ...]


def make_regular(samples: Samples, step: RegularTimes, usual: float | None = None) -> RegularSeries:
    """Returns the rows of each time once, with empty ones where times are missing.

    What was not in the file is missing in the new rows: nothing is made up here.

    Args:
        samples: of one or several series.
        step: what becomes of both.
        usual: the usual time from one row to the next, if that was learned from others.

    Raises:
        DatasetError: the gaps are far longer than the series.
    """
    samples = samples.take(np.lexsort((samples.times(), samples.series)))
    merged, removed, examples = _without_repeats(samples, step)
    if step.gaps == "leave":
        return RegularSeries(merged, 0.0, removed, 0, examples)
    if usual is None:
        usual = usual_distance(merged.times(), merged.series)
    filled, new, more = _without_gaps(merged, usual)
    return RegularSeries(filled, usual, removed, new, (*examples, *more)[:EXAMPLES])


def _without_repeats(samples: Samples, step: RegularTimes) -> tuple[Samples, int, tuple[str, ...]]:
    """Returns the rows, which are in order, with one of those of each time."""
    if step.repeated == "keep":
        return samples, 0, ()
    times, series = samples.times(), samples.series
    again = np.append(False, (np.diff(times) == 0) & (np.diff(series) == 0))
    if not again.any():
        return samples, 0, ()
    # The number of the moment that each row is of.
    moment = np.cumsum(~again) - 1
    kept = samples.take(~again)
    frame = kept.frame.copy(deep=False)
    for column in samples.facts.columns:
        if column.role in LEARNT_FROM:
            place = samples.places[column.name]
            by_moment = samples.frame[place].groupby(moment)
            mean = step.repeated == "mean" and column.type is ColumnType.NUMBER
            frame[place] = (by_moment.mean() if mean else by_moment.nth(0)).to_numpy()
    examples = tuple(_written(samples, float(time)) for time in np.unique(times[again])[:EXAMPLES])
    return replace(kept, frame=frame), int(again.sum()), examples


def _without_gaps(samples: Samples, usual: float) -> tuple[Samples, int, tuple[str, ...]]:
    """Returns the rows, which are in order, with empty ones wherever some are missing."""
    times, missing = samples.times(), missing_rows(samples.times(), samples.series, usual)
    new = int(missing.sum())
    if new > _MOST * len(samples):
        raise DatasetError(
            N_("too many rows are missing from the series: {new}, beside {rows}."),
            hint=N_("Leave the gaps, or remove the rows whose times are wrong."),
            where="dataset.cleaning",
            new=new,
            rows=len(samples),
        )
    if not new:
        return samples, 0, ()
    # Each row, followed by as many copies of it as rows are missing after it.
    places = np.repeat(np.arange(len(samples)), missing + 1)
    number = np.arange(len(places)) - np.flatnonzero(np.append(True, np.diff(places) > 0))[places]
    is_new, after = number > 0, np.minimum(places + 1, len(samples) - 1)
    filled = samples.take(places)
    frame = filled.frame.copy(deep=False)
    for column in samples.facts.columns:
        place = samples.places[column.name]
        if column.role is ColumnRole.TIME:
            share = number / (missing[places] + 1)
            frame[place] = times[places] + share * (times[after] - times[places]) * is_new
        elif column.role is not ColumnRole.GROUP:
            frame[place] = frame[place].where(~is_new)
    first = np.flatnonzero(missing)[:EXAMPLES]
    examples = tuple(f"{_written(samples, times[i])} + {missing[i]}" for i in first)
    return replace(filled, frame=frame), new, examples


def usual_distance(times: npt.NDArray[np.float64], series: Indices) -> float:
    """Returns the median of the times from one row to the next of the same series; 0 where there is none.

    Args:
        times: in the order of the series and, within each, of time.
        series: of each row.
    """
    steps = np.diff(times)[np.diff(series) == 0]
    forward = steps[steps > 0]
    return float(np.median(forward)) if len(forward) else 0.0


def missing_rows(times: npt.NDArray[np.float64], series: Indices, usual: float | None = None) -> Indices:
    """(rows,) how many rows are missing after each, by the usual time between two of the same series.

    Args:
        times: in the order of the series and, within each, of time.
        series: of each row.
        usual: the usual time; by default their own.

    Example:
        >>> missing_rows(np.array([0.0, 1, 2, 5, 6]), np.zeros(5, np.int64)).tolist()
        [0, 0, 2, 0, 0]
    """
    usual = usual_distance(times, series) if usual is None else usual
    if not usual:
        return np.zeros(len(times), np.int64)
    steps = np.append(np.diff(times), 0.0)
    steps[np.append(np.diff(series) != 0, True)] = 0.0
    missing: Indices = np.where(steps > WIDE * usual, np.rint(steps / usual) - 1, 0).astype(np.int64)
    return missing


def _written(samples: Samples, time: float) -> str:
    (column,) = samples.facts.columns_of(ColumnRole.TIME)
    return str(pd.Timestamp(time, unit="s")) if column.type is ColumnType.TIME else f"{time:g}"
