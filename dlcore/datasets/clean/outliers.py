"""Outliers, clipped to limits that the training part sets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.columns import EXAMPLES, find_columns
from dlcore.datasets.parts import Indices
from dlcore.datasets.samples import Samples
from dlcore.spec.cleaning import Outliers
from dlcore.spec.data import ColumnRole, ColumnType


def clip_outliers(
    samples: Samples, train: Indices, step: Outliers
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_], tuple[str, ...]]:
    """Returns the frame with outliers at their limits, which cells those were, and examples in words.

    Shape:
        of the cells: (samples, columns) of the chosen columns.
    """
    frame, far, examples = samples.frame.copy(), [], []
    for column in find_columns(samples, step.columns):
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
