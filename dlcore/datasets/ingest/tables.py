"""Tables, texts, series and ratings from a table's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dlcore.datasets.ingest.calendars import irregular_times
from dlcore.datasets.ingest.columns import FEW
from dlcore.datasets.ingest.open_table import (
    check_roles,
    count_classes,
    group_of,
    left_out,
    numbers_as_texts,
    read_sources,
    separator_of,
    understand,
)
from dlcore.datasets.ingest.panels import is_ordered, mixed_series, series_blocks, series_lengths
from dlcore.datasets.ingest.proposal import (
    Choices,
    Doubt,
    Proposal,
    SourceForm,
    checked_name,
    slug,
    title_of_file,
)
from dlcore.datasets.ingest.roles import Roles, task_of
from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.table_reading import stand_ins, unsure_numbers, unsure_points, wrong_cells
from dlcore.datasets.ingest.table_values import OpenTable
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import Progress
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task

LOOKED_AT = 20_000
"""Rows that are looked at to guess what a table is."""

_SHOWN = 50
_MOST_TIMES = 5_000_000
"""Rows of a series whose times are sorted to look at their distances, which takes 60 bytes a row."""

_KINDS = (DataKind.TABLE, DataKind.TEXT, DataKind.SERIES, DataKind.RATINGS)
_TASKS = {
    DataKind.SERIES: (Task.FORECASTING, Task.RECONSTRUCTION),
    DataKind.RATINGS: (Task.RATING,),
    DataKind.TEXT: (Task.BINARY, Task.MULTICLASS, Task.MULTILABEL, Task.REGRESSION),
    DataKind.TABLE: (
        Task.BINARY,
        Task.MULTICLASS,
        Task.MULTILABEL,
        Task.REGRESSION,
        Task.RECONSTRUCTION,
    ),
}


def inspect_table(
    sources: Sequence[TableSource], settings: Settings, choices: Choices, origin: str, progress: Progress
) -> Proposal:
    """Returns what a table seems to be, by its first rows.

    Raises:
        DatasetError: it cannot be read.
    """
    cells = read_sources(sources, settings, choices, most=LOOKED_AT, progress=progress)
    if not cells.table.rows:
        raise DatasetError(N_("the table has no rows."), hint=N_("Choose another file."))
    table, kind, roles = understand(cells, choices, progress, whole=cells.table.rows < LOOKED_AT)
    task = choices.task or task_of(kind, roles.columns, table.rows)
    problem: Message | None = None
    try:
        check_roles(kind, task, roles.columns)
        classes, counts = count_classes(roles.columns, table, task)
    except DatasetError as error:
        classes, counts, problem = (), (), error.message
    name = origin or sources[0].name
    return Proposal(
        form=SourceForm.TABLE,
        name=checked_name(choices.name or slug(name)),
        title=choices.title or title_of_file(name),
        kind=kind,
        task=task,
        samples=table.rows,
        exact=table.rows < LOOKED_AT,
        classes=classes,
        counts={"": counts} if counts else {},
        columns=roles.columns,
        group=group_of(choices, cells.table),
        delimiter=cells.delimiter,
        encoding=cells.encoding,
        header=cells.header,
        kinds=_KINDS,
        tasks=_TASKS[kind],
        preview_header=tuple(cells.table.names),
        preview=tuple(cells.table.head(_SHOWN)),
        notes=_notes(table, roles, kind, task),
        warnings=warnings_of(table, roles, kind),
        doubts=doubts_of(table, roles, kind),
        refused=tuple(cells.refused),
        refused_count=cells.refused_count,
        problem=problem,
    )


def _notes(table: OpenTable, roles: Roles, kind: DataKind, task: Task) -> tuple[Message, ...]:
    """Returns what was assumed of a table, and what was left out."""
    labels = _label_notes(roles.columns, table, task)
    return (
        *table.cells.notes,
        *table.reading.notes,
        *roles.notes,
        *_series_notes(roles.columns, table, kind),
        *labels,
    )


def _series_notes(columns: tuple[Column, ...], table: OpenTable, kind: DataKind) -> Iterator[Message]:
    lengths = series_lengths(columns, table) if kind is DataKind.SERIES else None
    if lengths is not None:
        groups = ", ".join(column.name for column in columns if column.role is ColumnRole.GROUP)
        yield Message(
            N_("several series, told apart by {columns}: {count}; no window reaches from one into another."),
            params={"columns": groups, "count": len(lengths)},
        )


def doubts_of(table: OpenTable, roles: Roles, kind: DataKind) -> tuple[Doubt, ...]:
    """Returns what must be settled before a table is stored."""
    return (
        *left_out(table.cells),
        *table.reading.doubts,
        *mixed_series(roles.columns, kind, table.rows),
        *numbers_as_texts(roles.columns, table),
    )


def warnings_of(table: OpenTable, roles: Roles, kind: DataKind) -> tuple[Message, ...]:
    """Returns what is doubtful of a table, though it can be stored."""
    return (
        *_warnings(table),
        *roles.warnings,
        *_time_warnings(kind, roles.columns, table),
        *_in_order_of_time(kind, roles.columns, table),
    )


def _warnings(table: OpenTable) -> Iterator[Message]:
    cells = table.cells
    if cells.replaced:
        yield Message(
            N_("characters that are not in the encoding {encoding} were replaced: {count}."),
            N_("Choose another encoding."),
            params={"encoding": cells.encoding, "count": cells.replaced},
        )
    yield from unsure_numbers(table.reading.readings, table.choices)
    if cells.delimiter == ";" and not table.choices.decimal:
        yield from unsure_points(cells.table, table.reading.readings)
    yield from stand_ins(table.reading.data.values())
    yield from wrong_cells(table.reading.data.values())


def _time_warnings(kind: DataKind, columns: tuple[Column, ...], table: OpenTable) -> Iterator[Message]:
    times = next((column for column in columns if column.role is ColumnRole.TIME), None)
    if kind is DataKind.SERIES and times is not None:
        if table.rows > _MOST_TIMES:
            text = N_(
                "the times of column {column} are too many to look for gaps, and for those that come again."
            )
            yield Message(text, params={"column": times.name})
            return
        series = series_blocks(columns, table)
        yield from irregular_times(
            times.name,
            np.concatenate(list(table.numbers(times.name))),
            None if series is None else np.concatenate(list(series)),
        )


def _in_order_of_time(kind: DataKind, columns: tuple[Column, ...], table: OpenTable) -> Iterator[Message]:
    """Yields the warning of a table each row of which has a later time than the one before."""
    single = (c for c in columns if c.type is ColumnType.TIME and c.unique == table.rows > FEW)
    if kind is DataKind.TABLE and (time := next(single, None)) is not None and is_ordered(table, time):
        yield Message(
            N_(
                "the rows are in the order of the times in column {column}, but count as samples of their own."
            ),
            N_("If each depends on those before it, choose the kind series, or divide by time."),
            params={"column": time.name},
        )


def _label_notes(columns: tuple[Column, ...], table: OpenTable, task: Task) -> Iterator[Message]:
    targets = [column for column in columns if column.role is ColumnRole.TARGET]
    if task is not Task.MULTILABEL or len(targets) != 1:
        return
    separator = separator_of(targets[0], table)
    if separator != "|":
        yield Message(
            N_("column {column} holds several labels, separated by '{mark}'."),
            params={"column": targets[0].name, "mark": separator},
        )
