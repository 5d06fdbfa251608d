"""Reading a table: its rows, how its columns are read and used, and its classes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dlcore.datasets.clean.columns import LEARNT_FROM
from dlcore.datasets.ingest.calendars import add_calendar
from dlcore.datasets.ingest.cell_table import CellTable
from dlcore.datasets.ingest.cells import Cells, read_cells
from dlcore.datasets.ingest.flagged_parts import flags_as_parts
from dlcore.datasets.ingest.label_cells import label_separator, split_labels
from dlcore.datasets.ingest.numerals import is_number
from dlcore.datasets.ingest.panels import find_panel, is_ordered
from dlcore.datasets.ingest.part_words import PART_COLUMN, part_of
from dlcore.datasets.ingest.proposal import (
    Choices,
    Doubt,
    natural_order,
)
from dlcore.datasets.ingest.roles import Roles, all_features, assign_roles, kind_of, row_numbers
from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.table_reading import describe_columns, with_names, with_texts
from dlcore.datasets.ingest.table_values import OpenTable
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import Progress, no_progress
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task

MOST_CLASSES = 1_000
_LISTS_SHOWN, _LONG_LIST = 20, 10
_LIST_MARKS = re.compile(r"[,;\s]+")
_MOST_CELLS = 200_000
"""Different cells by which is told what separates the labels in them."""


def read_sources(
    sources: Sequence[TableSource],
    settings: Settings,
    choices: Choices,
    *,
    most: int | None = None,
    progress: Progress = no_progress,
) -> Cells:
    """Returns the rows of a table, or of one for training and one for tests, which say so in a column of parts.

    Raises:
        DatasetError: one cannot be read.
    """
    first, *others = (
        read_cells(source, settings, choices, most=most, progress=progress) for source in sources
    )
    if not others:
        return first
    parts = [part_of(Path(source.name).stem) or "" for source in sources]
    fitting = [first]
    for source, other in zip(sources[1:], others, strict=True):
        if set(other.table.names) == set(first.table.names):
            fitting.append(other)
            continue
        note = Message(N_("{file} has other columns and is left out."), params={"file": source.name})
        first.notes.append(note)
        # What only lacks the target is there to be predicted; anything else may have been meant as well.
        if not set(other.table.names) < set(first.table.names):
            first.others.append(source.name)
    if len(fitting) == 1:
        return first
    joined = CellTable(settings)
    for cells, part in zip(fitting, parts, strict=False):
        for rows in cells.table.blocks():
            told = {PART_COLUMN: pa.array([part] * len(rows[first.table.names[0]]))} if all(parts) else {}
            joined.add({**{name: rows[name] for name in first.table.names}, **told})
    first.table = joined
    return first


def left_out(cells: Cells) -> tuple[Doubt, ...]:
    """Returns the doubt about tables of an archive that were left out, though they hold something of their own."""
    if not cells.others:
        return ()
    message = Message(
        N_("only {file} is read of several tables that have different columns; left out: {others}."),
        N_("Pack the one that is meant alone, or join them into one table."),
        params={"file": cells.name, "others": ", ".join(cells.others[:5])},
    )
    return (Doubt("other-tables", message),)


def numbers_as_texts(columns: tuple[Column, ...], table: OpenTable) -> tuple[Doubt, ...]:
    """Returns the doubts about columns of texts that are lists of numbers, such as the pixels of an image."""
    found = []
    for column in columns:
        if column.type is not ColumnType.TEXT or column.role is ColumnRole.IGNORED:
            continue
        sample = table.labels(column.name).first(_LISTS_SHOWN)
        numbers = [_LIST_MARKS.split(cell.strip("[]() ")) for cell in sample]
        if all(len(one) >= _LONG_LIST and all(map(is_number, one)) for one in numbers):
            message = Message(
                N_("each cell of column {column} is a list of numbers, which would be read as words."),
                N_("Save the numbers as arrays (.npz), or each in a column of its own."),
                params={"column": column.name},
            )
            found.append(Doubt(f"numbers-{column.name}", message))
    return tuple(found)


def understand(
    cells: Cells, choices: Choices, progress: Progress, *, whole: bool
) -> tuple[OpenTable, DataKind, Roles]:
    """Returns how the columns are read, the kind of the data, and what the columns are for.

    Args:
        cells: what has been read.
        choices: what the user said.
        progress: is told how far it is.
        whole: whether these are all the rows.
    """
    table = cells.table
    cells.notes += filter(None, (add_calendar(table), flags_as_parts(table, choices)))
    group = group_of(choices, table)
    groups = {group, *(name for name, role in choices.roles.items() if role is ColumnRole.GROUP)} - {""}
    # What tells groups apart is a name, whatever it is written with.
    choices = replace(choices, types={**dict.fromkeys(groups, ColumnType.CATEGORY), **choices.types})
    reading = describe_columns(table, choices, progress)
    numbering = row_numbers(reading, cells.unnamed, table.rows) - set(choices.roles) - groups
    panel, opened = None, OpenTable(cells, reading, choices)
    if choices.kind in (None, DataKind.SERIES):
        known = {**choices.roles, **dict.fromkeys(groups, ColumnRole.GROUP)}
        panel = find_panel(opened, numbering, known, whole=whole)
    telling = tuple(column for column in reading.columns if column.name not in numbering)
    kind = choices.kind or kind_of(telling, panel, table.rows, partial(is_ordered, opened))
    if kind is DataKind.TEXT:
        reading = with_texts(reading, table, choices)
    if kind is DataKind.SERIES and panel is not None:
        groups |= set(panel.groups)
        reading = with_names(reading, table, choices, panel.groups)
    roles = assign_roles(
        reading, kind, choices.roles, groups=tuple(groups), numbering=numbering, rows=table.rows
    )
    if choices.task is Task.RECONSTRUCTION:
        roles = all_features(roles)
    return OpenTable(cells, reading, choices), kind, roles


def group_of(choices: Choices, table: CellTable) -> str:
    """Returns the column of groups that was chosen, if the table has it."""
    return (choices.group or "") if choices.group in table.names else ""


def check_roles(kind: DataKind, task: Task, columns: tuple[Column, ...]) -> None:
    """Checks that there is what data of that kind needs.

    Raises:
        DatasetError: something is missing.
    """
    needed: tuple[ColumnRole, ...] = {
        DataKind.RATINGS: (ColumnRole.USER, ColumnRole.ITEM, ColumnRole.TARGET),
        DataKind.SERIES: (ColumnRole.TARGET,),
    }.get(kind, (ColumnRole.FEATURE, ColumnRole.TARGET))
    if task is Task.RECONSTRUCTION:
        needed = (ColumnRole.FEATURE,)
    roles = [column.role for column in columns]
    for role in needed:
        if role not in roles:
            raise DatasetError(
                N_("no column has the role of a {role}, which {kind} needs."),
                hint=N_("Specify which one it is."),
                role=Message(role.value),
                kind=Message(kind.value),
            )
    if kind is DataKind.TEXT and not any(
        c.role is ColumnRole.FEATURE and c.type is ColumnType.TEXT for c in columns
    ):
        raise DatasetError(
            N_("no column contains the texts."), hint=N_("Give one the type text and the role of a feature.")
        )
    for column in columns:
        _check_column(column, kind)
    values = [c for c in columns if c.role is ColumnRole.TARGET and c.type is not ColumnType.NUMBER]
    if task in (Task.REGRESSION, Task.FORECASTING, Task.RATING) and values:
        raise DatasetError(
            N_("column {column} holds no numbers to be predicted."),
            hint=N_("Choose another target, or a classification."),
            column=values[0].name,
        )


def _check_column(column: Column, kind: DataKind) -> None:
    """Checks that a column can have its role.

    Raises:
        DatasetError: it cannot.
    """
    if kind is DataKind.SERIES and column.role in LEARNT_FROM and column.type is not ColumnType.NUMBER:
        raise DatasetError(
            N_("column {column} holds no numbers, and a series is made of numbers."),
            hint=N_("Give it another role, such as ignored."),
            column=column.name,
        )
    if column.role is ColumnRole.TIME and column.type not in (ColumnType.TIME, ColumnType.NUMBER):
        raise DatasetError(
            N_("the times in column {column} are not understood."),
            hint=N_("Choose how its dates are written, or do not use it as the time."),
            column=column.name,
        )
    if column.role is ColumnRole.PART and (unknown := unknown_parts(column)):
        raise DatasetError(
            N_("column {column} names parts that are not known: {words}."),
            hint=N_("Write train, validation and test, or do not use it for parts."),
            column=column.name,
            words=", ".join(unknown[:5]),
        )
    if column.role is ColumnRole.TARGET and column.unique < 2:
        raise DatasetError(
            N_("target {column} has the same value in every row: there is nothing to learn."),
            hint=N_("Choose another target."),
            column=column.name,
        )


def unknown_parts(column: Column) -> tuple[str, ...]:
    """Returns the values of a column that name no part."""
    return tuple(word for word in column.categories if part_of(word) is None)


def count_classes(
    columns: tuple[Column, ...], table: OpenTable, task: Task
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Returns the classes or labels of the target, and how many rows have each; nothing where it has none.

    Raises:
        DatasetError: there are too many.
    """
    targets = [column for column in columns if column.role is ColumnRole.TARGET]
    if task is Task.MULTILABEL:
        return count_labels(targets, table)
    if not task.single_label or len(targets) != 1:
        return (), ()
    name = targets[0].name
    counts = Counter[str]()
    for block in table.labels(name):
        counts.update(dict(zip(block.texts, block.counts.tolist(), strict=True)))
        if len(counts) > MOST_CLASSES:
            raise DatasetError(
                N_("column {column} has {count} different values, too many for classes."),
                hint=N_("Choose another target, or regression."),
                column=name,
                count=targets[0].unique,
            )
    classes = natural_order(set(counts))
    return classes, tuple(counts[label] for label in classes)


def count_labels(targets: list[Column], table: OpenTable) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Returns the labels that rows have several of, and how many rows have each.

    They are columns of 0 and 1, or within the `a|b` cells of one column.
    """
    if len(targets) > 1:
        sums = [sum(int(np.nansum(block)) for block in table.numbers(one.name)) for one in targets]
        return tuple(column.name for column in targets), tuple(sums)
    separator = separator_of(targets[0], table)
    counts = Counter[str]()
    for block in table.labels(targets[0].name):
        for cell, count in zip(block.texts, block.counts.tolist(), strict=True):
            counts.update(dict.fromkeys(split_labels(cell, separator), count))
    names = natural_order(set(counts))
    return names, tuple(counts[name] for name in names)


def separator_of(target: Column, table: OpenTable) -> str:
    """Returns what is between the labels in the cells of a column."""
    return label_separator(table.labels(target.name).first(_MOST_CELLS), several=True)


def label_blocks(
    targets: list[Column], names: Sequence[str], table: OpenTable
) -> Iterator[npt.NDArray[np.float32]]:
    """Yields (rows, labels) 0 or 1, block by block."""
    if len(targets) > 1:
        for values in zip(*(table.numbers(column.name) for column in targets), strict=True):
            yield np.stack(values, axis=1).astype(np.float32)
        return
    separator = separator_of(targets[0], table)
    for block in table.labels(targets[0].name):
        parts = [set(split_labels(cell, separator)) for cell in block.texts]
        flags = np.array([[name in one for name in names] for one in (*parts, ())], np.float32)
        yield flags[block.codes]
