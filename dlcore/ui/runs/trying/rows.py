"""Texts, rows, series and pairs: typed, chosen, filled in."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.datasets.dates import to_dates
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.samples import Samples
from dlcore.queue.wire import Given, Row
from dlcore.spec.data import Column, ColumnRole, ColumnType
from dlcore.spec.preprocessing import Windows
from dlcore.ui.runs.trying.samples import ColumnRange, column_ranges, dataset_of, sample_number
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.samples import choose_series

MOST_FIELDS = 40
"""Of a wider row, its columns are the lines of a table."""
MOST_NAMES = 10_000
"""Users or items that can be chosen; others can be typed."""
_EARLIEST, _LATEST = datetime(1, 1, 1), datetime(9999, 12, 31)
"""Streamlit allows ten years before and after by default."""


def give_text(how: Preparation) -> Given | None:
    """Draws the field for a text."""
    text = st.text_area(_("Text"), key="try_text", height=160, placeholder=_("Type or paste a text"))
    return text if text and text.strip() else None


def give_row(folder: Path, how: Preparation) -> Given | None:
    """Draws a form of the columns, filled in with a row of the test part."""
    columns = how.facts.columns_of(ColumnRole.FEATURE)
    samples = dataset_of(how)
    place = None if samples is None else sample_number(folder, samples, key="try_row")
    begun = {column.name: _value(samples, column, place) for column in columns}
    if len(columns) > MOST_FIELDS:
        return _long_row(columns, begun, place)
    ranges, row = column_ranges(how), dict[str, Any]()
    with st.grid(2, min_column_width=150, gap="small"):
        for column in columns:
            row[column.name] = _field(column, begun[column.name], ranges.get(column.name), place)
    return [row]


def _long_row(columns: tuple[Column, ...], begun: dict[str, Any], place: int | None) -> Given:
    table = pd.DataFrame({"column": list(begun), "value": [_written(value) for value in begun.values()]})
    edited = st.data_editor(
        table,
        hide_index=True,
        key=f"try_cells.{place}",
        disabled=["column"],
        height=420,
        column_config={"column": _("Column"), "value": _("Value")},
    )
    types = {column.name: column.type for column in columns}
    cells = zip(edited["column"], edited["value"], strict=True)
    return [{name: _typed(value, types[name]) for name, value in cells}]


def _written(value: Any) -> str | None:
    return None if value is None else value.isoformat() if isinstance(value, datetime) else str(value)


def _typed(text: Any, kind: ColumnType) -> str | float | datetime | None:
    """Returns a cell as what its column holds; what is none of it is said with the answer."""
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        if kind is ColumnType.NUMBER:
            return float(text)
        return datetime.fromisoformat(text) if kind is ColumnType.TIME else text
    except ValueError:
        return text


def _field(column: Column, begun: Any, known: ColumnRange | None, place: int | None) -> Any:
    """Draws the field of a column; returns what is in it, None where it is empty."""
    label, key = escape_name(column.name, 40), f"try_field.{column.name}.{place}"
    match column.type:
        case ColumnType.NUMBER:
            return st.number_input(
                label,
                value=begun,
                key=key,
                help=_between(known) if known else None,
                format="%g",
                step=known.step if known else 1.0,
            )
        case ColumnType.TIME if known is not None and known.whole:
            day = st.date_input(
                label, value=begun, key=key, format="YYYY-MM-DD", min_value=_EARLIEST, max_value=_LATEST
            )
            return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
        case ColumnType.TIME:
            return _utc(
                st.datetime_input(label, value=begun, key=key, min_value=_EARLIEST, max_value=_LATEST)
            )
        case ColumnType.CATEGORY if column.categories:
            options = list(column.categories)
            if begun is not None and begun not in options:
                options.append(begun)
            index = None if begun is None else options.index(begun)
            return st.selectbox(label, options, index=index, key=key, accept_new_options=True)
        case _:
            return st.text_input(label, value=begun or "", key=key) or None


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _value(samples: Samples | None, column: Column, place: int | None) -> Any:
    """Returns what a row of the dataset has in a column; None where it has nothing."""
    if samples is None or place is None:
        return None
    value = samples.column(column.name).iloc[place]
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if column.type is ColumnType.TIME:
        return to_dates([value])[0].item()
    return float(value) if column.type is ColumnType.NUMBER else str(value)


def _between(known: ColumnRange) -> str:
    return _("In the dataset: {low} to {high}").format(low=f"{known.low:.6g}", high=f"{known.high:.6g}")


def give_pair(how: Preparation) -> Given | None:
    """Draws the choice of a user and an item."""
    row: dict[str, Any] = {}
    for role, title in ((ColumnRole.USER, _("User")), (ColumnRole.ITEM, _("Item"))):
        known = [name for name in how.state["ids"][role.value] if name][:MOST_NAMES]
        chosen = st.selectbox(title, known, key=f"try_{role.value}", accept_new_options=True)
        row[how.facts.columns_of(role)[0].name] = chosen
    return [row] if all(row.values()) else None


def give_series(how: Preparation) -> Given | None:
    """Draws a table with the last rows of the dataset, which the model continues."""
    samples = dataset_of(how)
    if samples is None:
        st.info(_("The dataset of this run is no longer here."), icon=":material/info:")
        return None
    own = np.ones(len(samples), bool)
    if how.facts.columns_of(ColumnRole.GROUP):
        own = choose_series(samples.groups(), key="try_series")
    whole = samples.take(own)
    (step,) = (one for one in how.steps if isinstance(one, Windows))
    last = whole.take(np.lexsort((whole.times(),))[-step.reach :])
    edited = st.data_editor(
        _frame(last, how),
        hide_index=True,
        num_rows="dynamic",
        height=320,
        key=f"try_rows.{int(last.rows[0]) if len(last) else 0}",
        column_config=_time_columns(how),
    )
    st.caption(_("The last rows of the dataset; change them, or add some."))
    rows = [_row(row) for row in edited.to_dict("records")]
    return rows or None


def _time_columns(how: Preparation) -> dict[str, Any]:
    """Returns how columns of times are shown in a table: days without the hour."""
    ranges = column_ranges(how)
    return {
        column.name: st.column_config.DatetimeColumn(
            format="YYYY-MM-DD"
            if column.name in ranges and ranges[column.name].whole
            else "YYYY-MM-DD HH:mm:ss"
        )
        for column in how.facts.columns
        if column.type is ColumnType.TIME
    }


def _frame(samples: Samples, how: Preparation) -> pd.DataFrame:
    """Returns the columns that a series is continued by, as they are called in the file."""
    roles = (ColumnRole.TIME, ColumnRole.GROUP, ColumnRole.FEATURE, ColumnRole.TARGET)
    found = {}
    for column in how.facts.columns_of(*roles):
        values = samples.column(column.name)
        found[column.name] = to_dates(values) if column.type is ColumnType.TIME else values.to_numpy()
    return pd.DataFrame(found)


def _row(row: dict[Any, Any]) -> Row:
    """Returns a line of a table as a row: times as times, numbers as numbers, nothing where it is empty."""
    found: dict[str, str | float | datetime | None] = {}
    for name, value in row.items():
        if pd.isna(value):
            found[str(name)] = None
        elif isinstance(value, pd.Timestamp):
            found[str(name)] = value.to_pydatetime().replace(tzinfo=UTC)
        else:
            found[str(name)] = value if isinstance(value, str | int | float) else str(value)
    return found
