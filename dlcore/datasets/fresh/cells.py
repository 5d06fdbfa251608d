"""The rows of new samples as columns of cells, whether they are rows of Python, of pandas, or of a file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from dlcore.datasets.ingest.calendars import add_calendar
from dlcore.datasets.ingest.cell_table import CellTable
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings


def cells_of(rows: Any, settings: Settings) -> CellTable:
    """Returns rows as a table of cells.

    Args:
        rows: objects by the names of their columns, or a DataFrame. Texts are cells as in a file; numbers and times
            are what they are.
        settings: in whose home very large tables are put aside.

    Raises:
        DatasetError: there are none, or they are no rows.
    """
    columns = _of_frame(rows) if isinstance(rows, pd.DataFrame) else _of_mappings(rows)
    table = CellTable(settings)
    table.add(columns)
    if not table.rows:
        raise DatasetError(N_("no rows were given."), hint=N_("Give at least one."))
    add_calendar(table)
    return table


def _of_frame(frame: pd.DataFrame) -> dict[str, pa.Array]:
    names = [str(name) for name in frame.columns]
    return {name: _array(frame.iloc[:, place].tolist()) for place, name in enumerate(names)}


def _of_mappings(rows: Any) -> dict[str, pa.Array]:
    found = [rows] if isinstance(rows, Mapping) else list(rows) if isinstance(rows, Sequence) else []
    if not found or not all(isinstance(row, Mapping) for row in found):
        raise DatasetError(
            N_("expected rows, each with its values by the names of the columns."),
            hint=N_("Give a dict, a list of them, or a DataFrame."),
        )
    names = dict.fromkeys(str(name) for row in found for name in row)
    return {name: _array([row.get(name) for row in found]) for name in names}


def _array(values: Sequence[Any]) -> pa.Array:
    """Returns the cells of a column: numbers or times if all are, else texts."""
    known = [None if _is_nothing(value) else value for value in values]
    given = [value for value in known if value is not None]
    if given and all(isinstance(one, bool | np.bool_) for one in given):
        return pa.array([None if one is None else bool(one) for one in known], pa.bool_())
    if given and all(isinstance(one, int | float | Decimal | np.number | np.bool_) for one in given):
        return _numbers(known, given)
    if given and all(isinstance(one, datetime.date | np.datetime64) for one in given):
        moments = pd.to_datetime(pd.Series(known, dtype=object), utc=True)
        return pa.array(moments.dt.as_unit("us"), pa.timestamp("us", "UTC"))
    return pa.array([None if one is None else str(one) for one in known], pa.large_string())


def _numbers(known: Sequence[Any], given: Sequence[Any]) -> pa.Array:
    whole = all(isinstance(one, int | np.integer) and abs(int(one)) < 2**63 for one in given)
    if whole:
        return pa.array([None if one is None else int(one) for one in known], pa.int64())
    return pa.array([None if one is None else float(one) for one in known], pa.float64())


def _is_nothing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)
