"""Missing values, filled by what the training part knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.columns import find_columns
from dlcore.datasets.clean.divisions import LAST_PART, Division, part_of_rows
from dlcore.datasets.parts import Indices
from dlcore.datasets.samples import Samples
from dlcore.spec.cleaning import MissingValues
from dlcore.spec.data import Column, ColumnRole, ColumnType, Task


def learn_fillings(samples: Samples, train: Indices, step: MissingValues) -> dict[str, float | str]:
    """Returns what is put into the gaps of each column, by its name, whether it has any yet or not.

    A table's target is never made up: rows without one are left out elsewhere.
    """
    fillings: dict[str, float | str] = {}
    for column in find_columns(samples, step.columns):
        values = samples.column(column.name)
        if step.strategy != "constant":
            fillings[column.name] = _filling(values.iloc[train].dropna(), column, step)
        elif step.fits(column) or values.hasnans:
            fillings[column.name] = step.constant(column)
    return fillings


def fill_gaps(samples: Samples, fillings: Mapping[str, float | str]) -> tuple[Samples, dict[str, int]]:
    """Returns the samples without gaps, and how many cells of each column were filled."""
    frame, filled = samples.frame.copy(deep=False), {}
    for name, value in fillings.items():
        place = samples.places[name]
        missing = frame[place].isna()
        if missing.any():
            frame[place] = frame[place].where(~missing, value)
            filled[name] = int(missing.sum())
    return replace(samples, frame=frame), filled


def carry_values(
    samples: Samples, columns: Iterable[str], division: Division | None = None
) -> tuple[Samples, dict[str, int]]:
    """Returns a series with each gap filled with the last known value before it, if any, and how many cells of each
    column that were.

    Args:
        samples: of the series.
        columns: by their names.
        division: where the dataset's own parts are not in the order of time, a value is not carried into what a
            window of an earlier part may see; None: all rows are of one part.
    """
    frame, carried = samples.frame.copy(deep=False), {}
    for name in columns:
        place = samples.places[name]
        missing = int(frame[place].isna().sum())
        if missing:
            frame[place] = _carried(samples, frame[place], division)
            carried[name] = missing - int(frame[place].isna().sum())
    return replace(samples, frame=frame), carried


def _carried(samples: Samples, values: pd.Series[Any], division: Division | None) -> pd.Series[Any]:
    series = samples.series
    order = np.lexsort((samples.times(), series))
    own = (
        np.zeros(len(samples), np.int64) if division is None else part_of_rows(len(samples), division)[order]
    )
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


def _filling(known: pd.Series[Any], column: Column, step: MissingValues) -> float | str:
    numeric = column.type in (ColumnType.NUMBER, ColumnType.TIME)
    if not len(known):
        return 0.0 if numeric else "?"
    if column.type is ColumnType.NUMBER and step.strategy != "most_frequent":
        return float(known.mean() if step.strategy == "mean" else known.median())
    counts = known.value_counts()
    # Of equally frequent ones the first in order: the same at every run.
    best = min(counts.index[counts == counts.iloc[0]])
    return float(best) if numeric else str(best)
