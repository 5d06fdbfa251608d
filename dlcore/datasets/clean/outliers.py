"""Outliers, clipped to limits that the training part sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dlcore.datasets.clean.columns import find_columns
from dlcore.datasets.parts import Indices
from dlcore.datasets.samples import Samples
from dlcore.spec.cleaning import Outliers
from dlcore.spec.data import ColumnRole, ColumnType


def learn_limits(samples: Samples, train: Indices, step: Outliers) -> dict[str, tuple[float, float]]:
    """Returns the range of each column of numbers, by its name, outside of which values are outliers."""
    found = {}
    for column in find_columns(samples, step.columns):
        if column.type is ColumnType.NUMBER:
            known = samples.column(column.name).iloc[train].dropna().to_numpy(np.float64)
            low, high = limits(known, step)
            if np.isfinite(low):
                found[column.name] = (low, high)
    return found


def clip_outliers(
    samples: Samples, ranges: Mapping[str, tuple[float, float]], train: Indices
) -> tuple[Samples, dict[str, npt.NDArray[np.bool_]]]:
    """Returns the samples with outliers at the limits of their column, and which those were, by its name.

    Args:
        samples: any.
        ranges: of the columns.
        train: those that are trained on. What is asked for of the others stays what it was: a forecast is not
            judged by a tamer truth.
    """
    frame, cells = samples.frame.copy(deep=False), {}
    targets = {column.name for column in samples.facts.columns_of(ColumnRole.TARGET)}
    for name, (low, high) in ranges.items():
        place = samples.places[name]
        values = frame[place].to_numpy(np.float64)
        outside = (values < low) | (values > high)
        if name in targets:
            outside &= np.isin(np.arange(len(values)), train)
        frame[place] = np.where(outside, np.clip(values, low, high), values)
        cells[name] = outside
    return replace(samples, frame=frame), cells


def limits(values: npt.NDArray[np.float64], step: Outliers) -> tuple[float, float]:
    """Returns the range outside of which values are outliers; where most values are equal, nothing is.

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
