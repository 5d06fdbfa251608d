"""How the columns of a table are read together, and what was assumed on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dlcore.datasets.ingest.cell_table import CellForm, CellTable
from dlcore.datasets.ingest.columns import (
    ColumnData,
    ColumnReading,
    counts_time,
    names_rather_than_numbers,
    read_column,
    reading_of,
)
from dlcore.datasets.ingest.missing_words import NO_NUMBER, NOTHING_WRITTEN
from dlcore.datasets.ingest.numerals import PLAIN, NumberFormat
from dlcore.datasets.ingest.proposal import Choices, Doubt
from dlcore.datasets.ingest.times import doubtful_order
from dlcore.errors import N_, Message, unknown_name
from dlcore.records import JobUnit, Progress
from dlcore.spec.data import Column, ColumnRole, ColumnType

_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")


@dataclass(frozen=True)
class TableReading:
    """How a table is read.

    Attributes:
        data: what is known of the columns by name, in order, without roles.
        readings: how each is read.
        counting: columns that only number the rows.
        notes: what was assumed.
        doubts: what must be settled.
    """

    data: dict[str, ColumnData]
    readings: dict[str, ColumnReading]
    counting: frozenset[str] = frozenset()
    notes: tuple[Message, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in order, without roles."""
        return tuple(one.column for one in self.data.values())


def describe_columns(table: CellTable, choices: Choices, progress: Progress) -> TableReading:
    """Returns how the columns are read, inferred or chosen; roles are assigned later.

    Raises:
        SpecError: a choice names a column that is not there.
    """
    names = table.names
    for name in (*choices.roles, *choices.types):
        if name not in names:
            raise unknown_name(N_("column"), name, names)
    readings: dict[str, ColumnReading] = {}
    for column in table.columns():
        progress(len(readings), len(names), JobUnit.COLUMNS)
        readings[column.name] = reading_of(column, choices)
    if not choices.decimal and any(_is_surely_comma(reading.numbers) for reading in readings.values()):
        # One column that can only be read with a decimal comma decides for the others that can be.
        commas = {column.name: reading_of(column, choices, ",") for column in table.columns()}
        numbers = {name: one for name, one in commas.items() if one.type is ColumnType.NUMBER}
        readings = {**readings, **numbers}
    found: dict[str, ColumnData] = {}
    for column in table.columns():
        progress(len(found), len(names), JobUnit.COLUMNS)
        found[column.name] = read_column(column, readings[column.name], ColumnRole.FEATURE, choices)
    return TableReading(
        found,
        readings,
        frozenset(name for name, one in found.items() if one.counts),
        tuple(_notes(readings, found, choices)),
        (*_doubts(readings, choices), *_names_as_numbers(table, readings, choices)),
    )


def with_texts(reading: TableReading, table: CellTable, choices: Choices) -> TableReading:
    """Returns a table one of whose columns holds texts: the likeliest, if none seems to."""
    if any(column.type is ColumnType.TEXT for column in reading.columns):
        return reading
    words = {column.name: column for column in reading.columns if column.type is ColumnType.CATEGORY}
    names = [name for name in words if name not in choices.types and name not in choices.roles] or [
        name for name in words if choices.roles.get(name) is ColumnRole.FEATURE
    ]
    if not names:
        return reading

    def length(name: str) -> float:
        letters = total = 0
        for block in table.column(name).texts(NOTHING_WRITTEN):
            letters += sum(
                len(text) * count for text, count in zip(block.texts, block.counts.tolist(), strict=True)
            )
            total += block.total
        return letters / total * words[name].unique ** 0.5 if total else 0.0

    chosen = max(names, key=length)
    text = ColumnReading(ColumnType.TEXT)
    data = read_column(table.column(chosen), text, ColumnRole.FEATURE, choices)
    return replace(reading, data={**reading.data, chosen: data}, readings={**reading.readings, chosen: text})


def with_names(
    reading: TableReading, table: CellTable, choices: Choices, names: Iterable[str]
) -> TableReading:
    """Returns a table some of whose columns hold names, whatever they are written with."""
    as_names, data, readings = ColumnReading(ColumnType.CATEGORY), dict(reading.data), dict(reading.readings)
    for name in names:
        if name not in choices.types and readings[name].type is not ColumnType.CATEGORY:
            data[name] = read_column(table.column(name), as_names, ColumnRole.FEATURE, choices)
            readings[name] = as_names
    return replace(reading, data=data, readings=readings)


def _is_surely_comma(numbers: NumberFormat | None) -> bool:
    return numbers is not None and numbers.decimal == ","


def _notes(
    readings: dict[str, ColumnReading], found: dict[str, ColumnData], choices: Choices
) -> Iterable[Message]:
    for name, reading in readings.items():
        how = reading.numbers.describe() if reading.numbers else None
        if reading.type is ColumnType.NUMBER and how is not None:
            yield Message(
                N_("column {column} is read as numbers: {how}."), params={"column": name, "how": how}
            )
        if reading.type is ColumnType.TIME and reading.times is not None and not reading.times.is_iso:
            yield Message(
                N_("column {column} is read as times: {how}."),
                params={"column": name, "how": reading.times.describe()},
            )
        if reading.type is ColumnType.TIME and reading.times is not None and reading.times.offsets:
            yield Message(
                N_("column {column} has offsets from UTC: its times are kept in UTC."),
                params={"column": name},
            )
        if name in choices.types or reading.type is not ColumnType.CATEGORY:
            continue
        if any(text.isdecimal() for text in found[name].column.categories) and names_rather_than_numbers(
            list(found[name].column.categories)
        ):
            yield Message(N_("column {column} holds names of digits, no numbers."), params={"column": name})


def _doubts(readings: dict[str, ColumnReading], choices: Choices) -> Iterable[Doubt]:
    for name, reading in readings.items():
        if reading.times is not None and not reading.times.decided and not choices.date_format:
            yield Doubt(f"dates-{name}", doubtful_order(name, reading.times))


def _names_as_numbers(
    table: CellTable, readings: dict[str, ColumnReading], choices: Choices
) -> Iterable[Doubt]:
    """Yields the doubts about columns that were chosen to be numbers, and hold names of digits."""
    for name, type_ in choices.types.items():
        if type_ is not ColumnType.NUMBER or readings[name].numbers is None or counts_time(name):
            continue
        if names_rather_than_numbers(table.column(name).texts(NO_NUMBER)):
            message = Message(
                N_(
                    "column {column} holds digits with zeros in front, or too many of them: numbers would lose that."
                ),
                N_("Choose the type category."),
                params={"column": name},
            )
            yield Doubt(f"type-{name}", message)


def unsure_numbers(readings: dict[str, ColumnReading], choices: Choices) -> tuple[Message, ...]:
    """Returns the warnings of columns such as `1,234`, which may be thousands or decimals."""
    if choices.decimal:
        return ()
    return tuple(
        Message(
            N_("column {column}: '1,234' is read as a thousand and more; it may be a number with decimals."),
            N_("If so, choose the decimal comma."),
            params={"column": name},
        )
        for name, reading in readings.items()
        if reading.numbers is not None and reading.numbers.unsure
    )


def unsure_points(table: CellTable, readings: dict[str, ColumnReading]) -> tuple[Message, ...]:
    """Returns the warnings of columns such as `1.234` in a file of semicolons, where most use a decimal comma.

    A number such as `0.5` in another column decides: the point is the file's mark of decimals.
    """
    plain = {name for name, one in readings.items() if one.numbers == PLAIN}
    found = []
    for column in table.columns():
        if column.name not in plain or column.form is not CellForm.TEXT:
            continue
        texts = column.texts(NO_NUMBER)
        if texts.has_share_of_distinct(1.0, lambda some: sum(map(bool, map(_THOUSANDS.fullmatch, some)))):
            found.append(column.name)
        elif any("." in text for some in texts.distinct() for text in some):
            return ()
    text = N_("column {column}: '1.234' is read as a number with decimals; it may be a thousand and more.")
    return tuple(
        Message(text, N_("If so, choose the decimal comma."), params={"column": name}) for name in found
    )


def stand_ins(known: Iterable[ColumnData]) -> tuple[Message, ...]:
    """Returns the warnings of columns in which a number probably stands for missing ones."""
    return tuple(
        Message(
            N_(
                "column {column}: {value} in {count} rows is far from all others; it may mean that there is none."
            ),
            N_("If so, name it as a word for missing values."),
            params={"column": one.column.name, "value": f"{one.stand_in[0]:g}", "count": one.stand_in[1]},
        )
        for one in known
        if one.stand_in is not None and one.column.role is not ColumnRole.IGNORED
    )


def wrong_cells(known: Iterable[ColumnData]) -> tuple[Message, ...]:
    """Returns what the user should know of cells that were not of their column's type."""
    return tuple(
        Message(
            N_("cells of column {column} that are no {type} count as missing: {count}."),
            params={"count": one.wrong, "column": one.column.name, "type": Message(one.column.type.value)},
        )
        for one in known
        if one.wrong
    )
