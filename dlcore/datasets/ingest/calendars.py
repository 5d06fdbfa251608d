"""Years beside months or quarters, which together are a time; and what times there are twice or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.times import missing_rows
from dlcore.datasets.ingest.numerals import parse_plain
from dlcore.errors import N_, Message

_YEARS = re.compile(r"^(year|yr|yyyy|年|年份)$", re.IGNORECASE)
_PARTS = {
    re.compile(r"^(month|mon|mm|月|月份)$", re.IGNORECASE): (12, "{year}-{part:02}"),
    re.compile(r"^(quarter|qtr|q|季度)$", re.IGNORECASE): (4, "{year}-Q{part}"),
}


def with_calendar(frame: pd.DataFrame) -> tuple[pd.DataFrame, Message | None]:
    """Returns a table whose year and month, or quarter, are also one column, in front; and a note of it.

    Example:
        >>> with_calendar(pd.DataFrame({"year": ["2020", "2020"], "month": ["1", "2"], "y": ["3", "4"]}))[0].columns[0]
        'year-month'
    """
    year = next((name for name in frame.columns if _YEARS.match(str(name))), None)
    for pattern, (most, form) in _PARTS.items():
        part = next((name for name in frame.columns if pattern.match(str(name))), None)
        if year is None or part is None or f"{year}-{part}" in frame.columns:
            continue
        years, parts = parse_plain(frame[year]), parse_plain(frame[part])
        if not (_whole_within(years, 1000, 2999) and _whole_within(parts, 1, most)):
            continue
        texts = [form.format(year=int(one), part=int(two)) for one, two in zip(years, parts, strict=True)]
        name = f"{year}-{part}"
        found = frame.copy(deep=False)
        found.insert(0, name, pd.Series(texts, dtype=object))
        return found, Message(
            N_("columns {year} and {part} are also read as one time, {name}."),
            params={"year": year, "part": part, "name": name},
        )
    return frame, None


def _whole_within(values: npt.NDArray[np.float64], low: int, high: int) -> bool:
    return bool(len(values)) and bool(((values >= low) & (values <= high) & (values % 1 == 0)).all())


def irregular_times(
    name: str, times: npt.NDArray[np.float64], series: npt.NDArray[np.int64] | None = None
) -> Iterator[Message]:
    """Yields what to know of the times of a series: those that come again, and those that are missing.

    Args:
        name: of the column.
        times: in seconds, in any order.
        series: which of several series each row is of; None: there is one.
    """
    known = np.isfinite(times)
    own = np.zeros(len(times), np.int64) if series is None else series
    order = np.flatnonzero(known)[np.lexsort((times[known], own[known]))]
    ordered, own = times[order], own[order]
    if repeated := int(((np.diff(ordered) == 0) & (np.diff(own) == 0)).sum()):
        yield Message(
            N_("times in column {column} that come again: {count}; their rows follow each other."),
            N_(
                "If they are of several series, give the column that tells them apart the role of a group; else "
                "RegularTimes in the cleaning takes their mean or the first."
            ),
            params={"column": name, "count": repeated},
        )
    if gaps := int((missing_rows(ordered, own) > 0).sum()):
        yield Message(
            N_("gaps in the times of column {column}: {count}; the rows around a gap count as neighbours."),
            N_("RegularTimes in the cleaning adds the missing rows."),
            params={"column": name, "count": gaps},
        )
