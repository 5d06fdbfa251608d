"""Gaps and outliers in columns, judged by the training part alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.parts import Indices
from dlcore.datasets.samples import Samples
from dlcore.spec.cleaning import MissingValues, Outliers
from dlcore.spec.data import Column, ColumnRole, ColumnType

LEARNT_FROM = (ColumnRole.FEATURE, ColumnRole.TARGET)
"""The columns that are meant where none are named."""

EXAMPLES = 3


def fill_gaps(
    samples: Samples, train: Indices, step: MissingValues
) -> tuple[pd.DataFrame, int, tuple[str, ...]]:
    """The frame without gaps, how many cells were filled, and examples in words.

    A table's target is never made up: rows without one are left out elsewhere.
    """
    frame, filled, examples = samples.frame.copy(), 0, []
    for column in _chosen(samples, step.columns):
        place = samples.places[column.name]
        missing = frame[place].isna()
        if not missing.any():
            continue
        value = _filling(frame[place].iloc[train], column, step)
        frame[place] = frame[place].where(~missing, value)
        filled += int(missing.sum())
        shown = f"{value:.4g}" if isinstance(value, float) else value
        examples.append(f"{column.name}: {int(missing.sum())} × {shown}")
    return frame, filled, tuple(examples[:EXAMPLES])


def without_truth(samples: Samples) -> npt.NDArray[np.bool_]:
    """(samples,) whether nobody knows the right answer, as far as the frame tells."""
    targets = samples.facts.columns_of(ColumnRole.TARGET, ColumnRole.USER, ColumnRole.ITEM)
    gaps = [samples.column(column.name).isna().to_numpy(np.bool_) for column in targets]
    lacking: npt.NDArray[np.bool_] = np.any(gaps, axis=0)
    return lacking


def _chosen(samples: Samples, names: tuple[str, ...]) -> list[Column]:
    """The columns that are meant: the named ones, else all that are learnt from."""
    series = samples.targets is None
    wanted = LEARNT_FROM if series else (ColumnRole.FEATURE,)
    return [
        column
        for column in samples.facts.columns
        if (column.name in names if names else column.role in wanted)
        and (series or column.role is not ColumnRole.TARGET)
    ]


def _filling(known: pd.Series, column: Column, step: MissingValues) -> float | str:
    values = known.dropna()
    if step.strategy == "constant":
        return step.constant(column)
    if column.type is ColumnType.NUMBER and step.strategy in ("mean", "median"):
        if not len(values):
            return 0.0
        return float(values.mean() if step.strategy == "mean" else values.median())
    counts = Counter(values.tolist())
    if not counts:
        return 0.0 if column.type in (ColumnType.NUMBER, ColumnType.TIME) else "?"
    # Of equally frequent ones the first in order: the same at every run.
    best = min(counts, key=lambda value: (-counts[value], value))
    return float(best) if isinstance(best, int | float) else str(best)


def pull_in(
    samples: Samples, train: Indices, step: Outliers
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_], tuple[str, ...]]:
    """The frame with outliers at their limits, which cells those were, and examples in words.

    Shape:
        of the cells: (samples, columns) of the chosen columns.
    """
    frame, far, examples = samples.frame.copy(), [], []
    for column in _chosen(samples, step.columns):
        if column.type is not ColumnType.NUMBER:
            continue
        place = samples.places[column.name]
        low, high = limits(frame[place].iloc[train].dropna().to_numpy(np.float64), step)
        values = frame[place].to_numpy(np.float64)
        outside = (values < low) | (values > high)
        if column.role is ColumnRole.TARGET:
            # What is asked for stays what it was: a forecast is not judged by a tamer truth.
            outside &= np.isin(np.arange(len(values)), train)
        far.append(outside)
        frame[place] = np.where(outside, np.clip(values, low, high), values)
        if outside.any():
            examples.append(f"{column.name}: {int(outside.sum())} beyond {low:.4g} … {high:.4g}")
    cells = np.stack(far, axis=1) if far else np.zeros((len(frame), 0), np.bool_)
    return frame, cells, tuple(examples[:EXAMPLES])


def limits(values: npt.NDArray[np.float64], step: Outliers) -> tuple[float, float]:
    """Between which values nothing is an outlier; where most are equal, no other is one.

    Example:
        >>> limits(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), Outliers(method="iqr", threshold=1.5))
        (-2.0, 6.0)
    """
    if not len(values):
        return -np.inf, np.inf
    if step.method == "iqr":
        first, third = np.quantile(values, [0.25, 0.75])
        spread = third - first
    else:
        first = third = values.mean()
        spread = values.std()
    reach = step.threshold * spread if spread else np.inf
    return float(first - reach), float(third + reach)
