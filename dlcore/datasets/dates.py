"""Times as datasets hold them, seconds since 1970, made into dates; and cells as texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.spec.data import ColumnType
from dlcore.text import number_text


def to_dates(seconds: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    """Returns dates in milliseconds, so that any year fits: nanoseconds, the default of pandas, end at 1677 and 2262.

    Args:
        seconds: since 1970 in UTC; NaN where there is none.

    Example:
        >>> to_dates([0.5, -2e10, float("nan")]).astype(str).tolist()
        ['1970-01-01T00:00:00.500', '1336-03-23T12:26:40.000', 'NaT']
    """
    values = np.asarray(seconds, np.float64)
    known = np.isfinite(values)
    dates = np.full(values.shape, "NaT", "datetime64[ms]")
    dates[known] = np.rint(values[known] * 1000).astype(np.int64).astype("datetime64[ms]")
    return dates


def date_text(seconds: float) -> str:
    """Returns a time as people write it, as short as it can be.

    Example:
        >>> date_text(1_710_028_800), date_text(1_710_030_600.5), date_text(float("nan"))
        ('2024-03-10', '2024-03-10 00:30:00.500', '–')
    """
    date = to_dates(seconds)
    if np.isnat(date):
        return "–"
    day, _, clock = str(date).partition("T")
    clock = clock.removesuffix(".000")
    return day if clock == "00:00:00" else f"{day} {clock}"


def cell_text(value: Any, kind: ColumnType) -> str:
    """Returns what stands in a cell of a table: a dash where nothing does."""
    if pd.isna(value):
        return "–"
    if kind is ColumnType.TIME:
        return date_text(float(value))
    return number_text(value) if isinstance(value, float) else str(value)
