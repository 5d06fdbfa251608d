"""Missing values, filled by what the training part knows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.columns import EXAMPLES, find_columns
from dlcore.datasets.parts import Indices
from dlcore.datasets.samples import Samples
from dlcore.spec.cleaning import MissingValues
from dlcore.spec.data import Column, ColumnRole, ColumnType


def fill_gaps(
    samples: Samples, train: Indices, step: MissingValues
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
        value = _filling(frame[place].iloc[train], column, step)
        frame[place] = frame[place].where(~missing, value)
        filled += int(missing.sum())
        shown = f"{value:.4g}" if isinstance(value, float) else value
        examples.append(f"{column.name}: {int(missing.sum())} × {shown}")
    return frame, filled, tuple(examples[:EXAMPLES])


def missing_targets(samples: Samples) -> npt.NDArray[np.bool_]:
    """(samples,) whether no one knows the right answer, as far as the frame tells."""
    targets = samples.facts.columns_of(ColumnRole.TARGET, ColumnRole.USER, ColumnRole.ITEM)
    gaps = [samples.column(column.name).isna().to_numpy(np.bool_) for column in targets]
    lacking: npt.NDArray[np.bool_] = np.any(gaps, axis=0)
    return lacking


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
