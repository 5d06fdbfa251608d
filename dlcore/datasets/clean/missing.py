"""Missing values, filled by what the training part knows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.columns import EXAMPLES, find_columns
from dlcore.datasets.clean.divisions import LAST_PART, Division, part_of_rows
from dlcore.datasets.samples import Samples
from dlcore.spec.cleaning import MissingValues
from dlcore.spec.data import Column, ColumnRole, ColumnType, Task


def fill_gaps(
    samples: Samples, division: Division, step: MissingValues
) -> tuple[pd.DataFrame, int, tuple[str, ...]]:
    """Returns the frame without gaps, how many cells were filled, and examples in words.

    A table's target is never made up: rows without one are left out elsewhere.
    """
    frame, filled, examples = samples.frame.copy(), 0, []
    for column in find_columns(samples, step.columns):
        place = samples.places[column.name]
        missing = frame[place].isna()
        if not missing.any():
            continue
        if step.strategy == "previous":
            frame[place] = _carried(samples, frame[place], division)
            left = frame[place].isna()
            examples.append(f"{column.name}: {int(missing.sum() - left.sum())} × ←")
            filled, missing = filled + int(missing.sum() - left.sum()), left
            if not left.any():
                continue
        value = _filling(frame[place].iloc[division.train], column, step)
        frame[place] = frame[place].where(~missing, value)
        filled += int(missing.sum())
        shown = f"{value:.4g}" if isinstance(value, float) else value
        examples.append(f"{column.name}: {int(missing.sum())} × {shown}")
    return frame, filled, tuple(examples[:EXAMPLES])


def _carried(samples: Samples, values: pd.Series[Any], division: Division) -> pd.Series[Any]:
    """Returns a column of a series with each gap filled with the last known value before it, if any.

    Where the dataset's own parts are not in the order of time, a value is not carried into what a window of
    an earlier part may see.
    """
    series = samples.series
    order = np.lexsort((samples.times(), series))
    own = part_of_rows(len(samples), division)[order]
    # The first part among those that the rows from here on belong to; rows in no part say nothing.
    asking = pd.Series(np.where(own < 0, LAST_PART, own)[::-1]).groupby(series[order][::-1]).cummin()
    known = values.iloc[order].reset_index(drop=True)
    before = pd.Series(np.where(known.notna(), np.arange(len(known)), np.nan)).groupby(series[order]).ffill()
    source = before.fillna(0).to_numpy(np.int64)
    allowed = before.notna().to_numpy() & (own[source] <= asking[::-1].to_numpy())
    carried = known.where(known.notna() | ~allowed, known.iloc[source].reset_index(drop=True))
    carried.index = values.index[order]
    return carried.reindex(values.index)


def missing_targets(samples: Samples) -> npt.NDArray[np.bool_]:
    """(samples,) whether no one knows the right answer, as far as the frame tells."""
    whole = samples.facts.task is Task.RECONSTRUCTION
    roles = (ColumnRole.FEATURE,) if whole else (ColumnRole.TARGET, ColumnRole.USER, ColumnRole.ITEM)
    targets = samples.facts.columns_of(*roles)
    gaps = [samples.column(column.name).isna().to_numpy(np.bool_) for column in targets]
    lacking: npt.NDArray[np.bool_] = np.any(gaps, axis=0)
    return lacking


def _filling(known: pd.Series, column: Column, step: MissingValues) -> float | str:
    values = known.dropna()
    if step.strategy == "constant":
        return step.constant(column)
    if column.type is ColumnType.NUMBER and step.strategy != "most_frequent":
        if not len(values):
            return 0.0
        return float(values.mean() if step.strategy == "mean" else values.median())
    counts = Counter(values.tolist())
    if not counts:
        return 0.0 if column.type in (ColumnType.NUMBER, ColumnType.TIME) else "?"
    # Of equally frequent ones the first in order: the same at every run.
    best = min(counts, key=lambda value: (-counts[value], value))
    return float(best) if isinstance(best, int | float) else str(best)
