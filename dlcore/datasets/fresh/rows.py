"""New rows read as the dataset's own file was, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.fresh.inputs import Notes
from dlcore.datasets.ingest.cell_table import CellTable
from dlcore.datasets.ingest.columns import ColumnReading, block_numbers
from dlcore.datasets.ingest.label_cells import label_separator, split_labels
from dlcore.datasets.ingest.missing_words import missing_words
from dlcore.datasets.ingest.numerals import NumberFormat
from dlcore.datasets.ingest.proposal import Choices
from dlcore.datasets.ingest.times import ISO, TimeFormat
from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.reading import TABLES
from dlcore.datasets.samples import Samples
from dlcore.datasets.stored import frame_columns, text_column
from dlcore.errors import N_, DatasetError, Message
from dlcore.spec.cleaning import RegularTimes
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task

_NUMERIC = (ColumnType.NUMBER, ColumnType.TIME)
_NAMED = 5
"""Columns that are named in a note."""


@dataclass(frozen=True)
class FreshRows:
    """New rows, not cleaned yet.

    Attributes:
        samples: without targets; what a column has not is missing.
        wrong: by column and row, what was given where a number or a time was expected.
        truth: the right answers, as `FreshInputs` has them.
    """

    samples: Samples
    wrong: Mapping[tuple[str, int], str]
    truth: Array | None


def read_rows(table: CellTable, how: Preparation, notes: Notes) -> FreshRows:
    """Returns the rows of a table as samples.

    Args:
        table: the cells.
        how: knows the columns, and how they are written.
        notes: are told what is not used, and what was assumed.

    Raises:
        DatasetError: a column is missing.
    """
    reader = _ColumnReader(table, how)
    _check_columns(table, how, notes)
    facts, places, wrong = how.facts, frame_columns(how.facts), dict[tuple[str, int], str]()
    columns: dict[str, Any] = {}
    for column in facts.columns:
        if column.name in table.names:
            columns[places[column.name]] = values = reader.values(column)
            if values.dtype.kind == "f" and np.isnan(values).any():
                wrong |= {(column.name, row): text for row, text in reader.wrong(column, values)}
        else:
            columns[places[column.name]] = _nothing(column, table.rows, facts.kind)
    count = np.arange(table.rows)
    samples = Samples(facts, pd.DataFrame(columns), None, count, "", lambda row: count[row : row + 1])
    return FreshRows(samples, wrong, _truth(reader, how))


def needed_columns(how: Preparation) -> tuple[Column, ...]:
    """Returns the columns without which there is no answer."""
    facts = how.facts
    match facts.kind:
        case DataKind.RATINGS:
            return facts.columns_of(ColumnRole.USER, ColumnRole.ITEM)
        case DataKind.SERIES:
            watched = facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET)
            regular = any(isinstance(step, RegularTimes) for step in how.spec.dataset.cleaning)
            return (*(facts.columns_of(ColumnRole.TIME) if regular else ()), *watched)
        case DataKind.TEXT:
            return tuple(column for column in facts.columns if column.name == text_column(facts))
        case _:
            return facts.columns_of(ColumnRole.FEATURE)


def _check_columns(table: CellTable, how: Preparation, notes: Notes) -> None:
    """Checks that all columns are there that are needed; notes what is not used, and what is assumed."""
    facts, given = how.facts, table.names
    if lacking := [column.name for column in needed_columns(how) if column.name not in given]:
        near = [name for one in lacking for name in get_close_matches(one, given, n=1, cutoff=0.7)]
        raise DatasetError(
            N_("columns that the model was trained with are missing: {names}. Given are: {given}."),
            hint=N_("Rename {near}, or add them; a cell may be empty.")
            if near
            else N_("Add them; a cell may be empty."),
            names=", ".join(lacking[:_NAMED]) + ("…" if len(lacking) > _NAMED else ""),
            given=", ".join(given[: 2 * _NAMED]) + ("…" if len(given) > 2 * _NAMED else ""),
            near=", ".join(near[:_NAMED]),
        )
    known = {column.name for column in facts.columns}
    if unused := [name for name in given if name not in known]:
        notes.add(
            Message(
                N_("columns that are not used: {names}."), params={"names": ", ".join(unused[: 2 * _NAMED])}
            )
        )
    if facts.kind is not DataKind.SERIES:
        return
    for role, note in (
        (ColumnRole.TIME, N_("column {column} is not given: the rows are taken in their order.")),
        (ColumnRole.GROUP, N_("column {column} is not given: all rows are taken as one series.")),
    ):
        for column in facts.columns_of(role):
            if column.name not in given:
                notes.add(Message(note, params={"column": column.name}))


def _nothing(column: Column, rows: int, kind: DataKind) -> Any:
    """Returns what stands for a column that was not given."""
    if column.role is ColumnRole.TIME and kind is DataKind.SERIES:
        return np.arange(rows, dtype=np.float64)
    if column.role is ColumnRole.GROUP:
        return np.full(rows, "", object)
    return np.full(rows, np.nan) if column.type in _NUMERIC else np.full(rows, None, object)


class _ColumnReader:
    """Reads the columns of a table in the ways in which those of the dataset were read."""

    def __init__(self, table: CellTable, how: Preparation) -> None:
        self._table, self._how = table, how
        self._known = how.reading.get(TABLES, {"columns": {}, "missing": [], "separator": ""})
        self._choices = Choices(missing=tuple(self._known["missing"]))

    @property
    def separator(self) -> str:
        """What is between the labels of one cell, if that is known."""
        return str(self._known["separator"])

    def has(self, column: Column) -> bool:
        """Returns whether the table has a column."""
        return column.name in self._table.names

    def values(self, column: Column) -> Any:
        """(rows,) the cells as they are stored: float64, or texts and None."""
        names = self._how.facts.kind is DataKind.RATINGS and column.role in (ColumnRole.USER, ColumnRole.ITEM)
        return self.numbers(column) if column.type in _NUMERIC and not names else self.labels(column)

    def numbers(self, column: Column) -> npt.NDArray[np.float64]:
        """(rows,) numbers, or times in seconds since 1970; NaN where there is none."""
        reading, blocks = self.reading(column), self._table.column(column.name).blocks()
        return np.concatenate([block_numbers(block, reading, self._choices) for block in blocks])

    def labels(self, column: Column) -> npt.NDArray[np.object_]:
        """(rows,) names, None where there is none."""
        known, found = self._values_of(column), []
        silent = missing_words(ColumnType.CATEGORY, self._choices)
        for block in self._table.column(column.name).texts(silent):
            texts = [_as_known(text, known) for text in block.texts]
            found.append(np.array([*texts, None], object)[block.codes])
        return np.concatenate(found)

    def reading(self, column: Column) -> ColumnReading:
        """Returns how a column is read; of a dataset of an older version, as programs write numbers and times."""
        known = self._known["columns"].get(column.name)
        reading = ColumnReading(column.type) if known is None else ColumnReading.from_dict(known)
        # A file that knows its numbers and times says nothing of how they would be written.
        return replace(
            reading, numbers=reading.numbers or NumberFormat(), times=reading.times or TimeFormat(ISO)
        )

    def wrong(self, column: Column, numbers: npt.NDArray[np.float64]) -> Iterator[tuple[int, str]]:
        """Yields the rows in which something is written that is no number or time, and what it is.

        Args:
            column: one of numbers or times.
            numbers: what `numbers` gave for it.
        """
        start = 0
        for texts in self._table.column(column.name).texts(missing_words(column.type, self._choices)):
            own = numbers[start : start + len(texts.codes)]
            for row in np.flatnonzero(np.isnan(own) & (texts.codes >= 0)):
                yield start + int(row), texts.texts[texts.codes[row]]
            start += len(own)

    def _values_of(self, column: Column) -> frozenset[str]:
        """Returns the values of a column that training knows."""
        state = self._how.state
        ids = state.get("ids", {}).get(column.role.value, ())
        return frozenset([*state.get("lookups", {}).get(column.name, ()), *ids, *column.categories])


def _as_known(text: str, known: frozenset[str]) -> str:
    """Returns a name as training knows it: `3` may be written as `3.0`, and Python's `True` as `true` or `TRUE`.

    Example:
        >>> _as_known("3.0", frozenset({"3"})), _as_known("True", frozenset({"true"})), _as_known("x", frozenset())
        ('3', 'true', 'x')
    """
    if text in known:
        return text
    if text in ("True", "False"):
        others = [text.lower(), text.upper()]
    else:
        try:
            others = [f"{float(text):.15g}", str(float(text))]
        except ValueError:
            return text
    return next((one for one in others if one in known), text)


def _truth(reader: _ColumnReader, how: Preparation) -> Array | None:
    """Returns the right answers, if the rows hold them."""
    facts = how.facts
    targets = facts.columns_of(ColumnRole.TARGET)
    if not targets or not all(map(reader.has, targets)):
        return None
    match facts.task:
        case Task.BINARY | Task.MULTICLASS:
            return class_numbers(reader.labels(targets[0]), how)
        case Task.MULTILABEL:
            return _flags(targets, reader, facts.classes)
        case Task.REGRESSION | Task.RATING:
            return np.stack([reader.numbers(one) for one in targets], axis=1).astype(np.float32)
        case _:
            return None


def class_numbers(names: Sequence[str | None] | npt.NDArray[np.object_], how: Preparation) -> Array:
    """(samples,) the number of each class, −1 where it is none that the model knows.

    Args:
        names: as the data has them; the cleaning may have renamed some.
        how: the run's preparation.
    """
    places = {name: place for place, name in enumerate(how.facts.classes)}

    def number(name: str | None) -> int:
        for known in how.cleaning:
            name = known["classes"].get(name, name) if "classes" in known else name
        if name is None:
            return -1
        return places.get(_as_known(name, frozenset(places)), -1)

    return np.array([number(name) for name in names], np.int64)


def _flags(targets: Sequence[Column], reader: _ColumnReader, labels: Sequence[str]) -> Array:
    """(rows, labels) 0 or 1, NaN where nothing is said."""
    if len(targets) > 1:
        return np.stack([reader.numbers(column) for column in targets], axis=1).astype(np.float32)
    cells = reader.labels(targets[0])
    said = [cell for cell in cells if cell is not None]
    separator = reader.separator or label_separator(said, several=True)
    rows = [
        [np.nan] * len(labels)
        if cell is None
        else [float(label in split_labels(cell, separator)) for label in labels]
        for cell in cells
    ]
    return np.array(rows, np.float32)
