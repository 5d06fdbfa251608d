"""What the columns of a table hold and are for, as far as it can be inferred."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.proposal import Choices, natural_order
from dlcore.errors import N_, Message, unknown_name
from dlcore.records import JobUnit, Progress
from dlcore.spec.data import MAX_CATEGORIES, Column, ColumnRole, ColumnType, DataKind, Task

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", "nil", "#n/a"})
_TARGETS = re.compile(
    r"^(label|labels|class|target|targets|y|category|species|outcome|sentiment|diagnosis|result|quality|"
    r"rating|price|survived|progression|output|标签|类别|目标)$",
    re.IGNORECASE,
)
_TEXTS = re.compile(
    r"^(text|message|review|sentence|comment|content|body|sms|tweet|文本|内容|评论)$", re.IGNORECASE
)
_USERS = re.compile(r"^(user|userid|user_id|user id|customer|customer_id|用户)$", re.IGNORECASE)
_ITEMS = re.compile(
    r"^(item|itemid|item_id|item id|movie|movieid|movie_id|product|product_id|book_id|物品)$", re.IGNORECASE
)
_RATINGS = re.compile(r"^(rating|ratings|score|stars|评分)$", re.IGNORECASE)
_TIMES = re.compile(r"^(time|timestamp|date|datetime|day|month|year|时间|日期)$", re.IGNORECASE)
_NAMES = re.compile(r"^(id|uuid|guid|index|.*_id|name)$", re.IGNORECASE)
_LOOKS_LIKE_TIME = re.compile(r"\d{1,4}[-/.年]\d{1,2}|\d{1,2}:\d{2}")
MOST_CLASSES = 1_000
FEW = 20
"""A whole number with at most that many different values, each often, may be a class."""


@dataclass(frozen=True)
class ColumnData:
    """A column read: its description, and its values as they are stored.

    Attributes:
        values: float64 with NaN for missing, or strings with None.
        wrong: cells that were not of the column's type and count as missing.
    """

    column: Column
    values: npt.NDArray[Any]
    wrong: int = 0


def as_texts(series: pd.Series[Any]) -> npt.NDArray[Any]:
    """Returns cells as text, with None where there is nothing."""
    return np.array([None if _nothing(cell) else str(cell).strip() for cell in series], dtype=object)


def _nothing(cell: Any) -> bool:
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return True
    return isinstance(cell, str) and cell.strip().lower() in MISSING


def as_numbers(series: pd.Series[Any]) -> npt.NDArray[np.float64]:
    """Returns cells as numbers, NaN where they are none."""
    if series.dtype == bool:
        truths: npt.NDArray[np.float64] = series.to_numpy(np.float64)
        return truths
    numbers = pd.to_numeric(series, errors="coerce").to_numpy(np.float64, na_value=np.nan, copy=True)
    numbers[~np.isfinite(numbers)] = np.nan
    result: npt.NDArray[np.float64] = numbers
    return result


def as_times(series: pd.Series[Any]) -> npt.NDArray[np.float64]:
    """Returns cells as seconds since 1970, NaN where they are no times."""
    times = pd.to_datetime(series, errors="coerce", format="mixed", utc=True)
    # Whatever the unit of the column is, it is seconds afterwards; nanoseconds end in the year 2262.
    epoch = pd.Timestamp(0, tz="UTC").as_unit("us")
    seconds = (times.dt.as_unit("us") - epoch) / pd.Timedelta(seconds=1)
    result: npt.NDArray[np.float64] = seconds.to_numpy(np.float64, na_value=np.nan)
    return result


def type_of(name: str, series: pd.Series[Any]) -> ColumnType:
    """Returns what a column holds."""
    if pd.api.types.is_datetime64_any_dtype(series):
        return ColumnType.TIME
    texts = as_texts(series)
    known = [text for text in texts if text is not None]
    if not known:
        return ColumnType.NUMBER
    if np.isfinite(as_numbers(pd.Series(known))).mean() >= 0.9:
        return ColumnType.NUMBER
    sample = known[:: max(1, len(known) // 50)]
    if all(_LOOKS_LIKE_TIME.search(text) and len(text) < 40 for text in sample) and (
        np.isfinite(as_times(pd.Series(sample))).mean() > 0.9
    ):
        return ColumnType.TIME
    words = float(np.mean([len(text.split()) for text in sample]))
    letters = float(np.mean([len(text) for text in sample]))
    many = len(set(known)) > max(FEW, len(known) / 2)
    if _TEXTS.match(name) or (many and (words >= 4 or letters >= 30)):
        return ColumnType.TEXT
    return ColumnType.CATEGORY


def read_column(name: str, series: pd.Series[Any], type_: ColumnType, role: ColumnRole) -> ColumnData:
    """Returns the values of a column as they are stored, and what is known of them."""
    texts = as_texts(series)
    given = np.array([text is not None for text in texts])
    if type_ in (ColumnType.NUMBER, ColumnType.TIME):
        numbers = as_times(series) if type_ is ColumnType.TIME else as_numbers(series)
        finite = np.isfinite(numbers)
        unique = len(np.unique(numbers[finite]))
        column = Column(name, type_, role, (), unique, int((~finite).sum()))
        return ColumnData(column, numbers, int((given & ~finite).sum()))
    known = {text for text in texts if text is not None}
    listed = natural_order(known) if type_ is ColumnType.CATEGORY and len(known) <= MAX_CATEGORIES else ()
    return ColumnData(Column(name, type_, role, listed, len(known), int((~given).sum())), texts)


def describe_columns(frame: pd.DataFrame, choices: Choices, progress: Progress) -> tuple[Column, ...]:
    """Returns the columns with their types, inferred or chosen; roles are assigned later.

    Raises:
        SpecError: a choice names a column that is not there.
    """
    for name in (*choices.roles, *choices.types):
        if name not in frame.columns:
            raise unknown_name(N_("column"), name, [str(one) for one in frame.columns])
    found: list[Column] = []
    for name in frame.columns:
        progress(len(found), len(frame.columns), JobUnit.COLUMNS)
        type_ = choices.types.get(name) or type_of(name, frame[name])
        found.append(read_column(name, frame[name], type_, ColumnRole.FEATURE).column)
    return tuple(found)


def kind_of(columns: tuple[Column, ...], frame: pd.DataFrame) -> DataKind:
    """Returns what the table is most likely meant as."""
    names = [column.name for column in columns]
    if any(map(_USERS.match, names)) and any(map(_ITEMS.match, names)) and any(map(_RATINGS.match, names)):
        return DataKind.RATINGS
    if _is_u_data(columns):
        return DataKind.RATINGS
    if any(column.type is ColumnType.TEXT for column in columns) and len(columns) <= 4:
        return DataKind.TEXT
    times = [c for c in columns if c.type is ColumnType.TIME or _TIMES.match(c.name)]
    numbers = [c for c in columns if c.type is ColumnType.NUMBER and c not in times]
    rest = [c for c in columns if c not in times and c not in numbers]
    if times and numbers and not rest and times[0].unique == len(frame):
        return DataKind.SERIES
    return DataKind.TABLE


def _is_u_data(columns: tuple[Column, ...]) -> bool:
    """MovieLens' `u.data`: user, item, rating and time without a header."""
    return (
        len(columns) in (3, 4)
        and all(c.type is ColumnType.NUMBER and c.name.startswith("column ") for c in columns)
        and columns[2].unique <= 10 < min(columns[0].unique, columns[1].unique)
    )


def assign_roles(
    columns: tuple[Column, ...], kind: DataKind, roles: Mapping[str, ColumnRole], group: str
) -> tuple[Column, ...]:
    """Returns the columns with their roles in data of that kind; choices come first."""
    guess = {
        DataKind.RATINGS: _rating_roles, DataKind.SERIES: _series_roles, DataKind.TEXT: _text_roles,
    }.get(kind, _table_roles)  # fmt: skip
    guessed = {**guess(columns), **{group: ColumnRole.GROUP}}
    if ColumnRole.TARGET in roles.values():
        # Whoever names targets names all of them.
        guessed = {n: r if r is not ColumnRole.TARGET else ColumnRole.FEATURE for n, r in guessed.items()}
    return tuple(
        replace(column, role=roles.get(column.name, guessed.get(column.name, ColumnRole.FEATURE)))
        for column in columns
    )


def _first(columns: tuple[Column, ...], pattern: re.Pattern[str]) -> Column | None:
    return next((column for column in columns if pattern.match(column.name)), None)


def _rating_roles(columns: tuple[Column, ...]) -> dict[str, ColumnRole]:
    order = [_first(columns, pattern) for pattern in (_USERS, _ITEMS, _RATINGS, _TIMES)]
    if None in order[:3]:
        order = [*columns[:4]]
    wanted = (ColumnRole.USER, ColumnRole.ITEM, ColumnRole.TARGET, ColumnRole.TIME)
    roles = {column.name: ColumnRole.IGNORED for column in columns}
    return roles | {c.name: role for c, role in zip(order, wanted, strict=False) if c is not None}


def _series_roles(columns: tuple[Column, ...]) -> dict[str, ColumnRole]:
    roles = {c.name: ColumnRole.FEATURE for c in columns if c.type is ColumnType.NUMBER}
    roles |= {c.name: ColumnRole.IGNORED for c in columns if c.type is not ColumnType.NUMBER}
    time = next((c for c in columns if c.type is ColumnType.TIME), None) or _first(columns, _TIMES)
    if time is not None:
        roles[time.name] = ColumnRole.TIME
    numbers = [name for name, role in roles.items() if role is ColumnRole.FEATURE]
    target = next((name for name in numbers if _TARGETS.match(name)), numbers[-1] if numbers else None)
    return roles | ({target: ColumnRole.TARGET} if target else {})


def _text_roles(columns: tuple[Column, ...]) -> dict[str, ColumnRole]:
    roles = {column.name: ColumnRole.IGNORED for column in columns}
    texts = [c for c in columns if c.type is ColumnType.TEXT]
    if texts:
        chosen = _first(tuple(texts), _TEXTS) or texts[0]
        roles[chosen.name] = ColumnRole.FEATURE
    rest = tuple(c for c in columns if roles[c.name] is ColumnRole.IGNORED)
    target = _first(rest, _TARGETS) or min(rest, key=lambda c: c.unique, default=None)
    return roles | ({target.name: ColumnRole.TARGET} if target else {})


def _table_roles(columns: tuple[Column, ...]) -> dict[str, ColumnRole]:
    roles = {c.name: ColumnRole.FEATURE for c in columns}
    part = next((c for c in columns if c.name.lower() in ("part", "split", "subset")), None)
    if part is not None and all(part_of(value) or not value.strip() for value in part.categories):
        roles[part.name] = ColumnRole.PART
    for column in columns:
        # Texts and names of single rows teach nothing; whoever knows better says so.
        single = column.unique > 50 and column.unique >= 0.95 * (column.unique + column.missing)
        if column.type is ColumnType.TEXT or (
            _NAMES.match(column.name) and single and column.type is not ColumnType.TIME
        ):
            roles[column.name] = ColumnRole.IGNORED
    features = [c for c in columns if roles[c.name] is ColumnRole.FEATURE]
    target = _first(tuple(features), _TARGETS) or (features[-1] if features else None)
    return roles | ({target.name: ColumnRole.TARGET} if target else {})


def task_of(kind: DataKind, columns: tuple[Column, ...], rows: int) -> Task:
    """Returns what the targets ask for."""
    if kind is DataKind.SERIES:
        return Task.FORECASTING
    if kind is DataKind.RATINGS:
        return Task.RATING
    targets = [column for column in columns if column.role is ColumnRole.TARGET]
    if len(targets) > 1:
        yes_no = all(c.type is ColumnType.NUMBER and c.unique <= 2 for c in targets)
        return Task.MULTILABEL if yes_no else Task.REGRESSION
    if not targets:
        return Task.REGRESSION
    target = targets[0]
    if target.type is ColumnType.CATEGORY or target.type is ColumnType.TEXT:
        if any("|" in name for name in target.categories):
            return Task.MULTILABEL
        return Task.BINARY if target.unique == 2 else Task.MULTICLASS
    if target.unique == 2:
        return Task.BINARY
    return Task.MULTICLASS if target.unique <= FEW and target.unique * 10 <= rows else Task.REGRESSION


def wrong_cells(known: list[ColumnData]) -> tuple[Message, ...]:
    """Returns what the user should know of cells that were not of their column's type."""
    return tuple(
        Message(
            N_("cells of column {column} that are no {type} count as missing: {count}."),
            params={"count": one.wrong, "column": one.column.name, "type": Message(one.column.type.value)},
        )
        for one in known
        if one.wrong
    )
