"""Times as datasets hold them, seconds since 1970, made into dates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


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
