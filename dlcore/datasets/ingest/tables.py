"""Tables, texts, series and ratings from a table's file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from dlcore.datasets.clean.columns import LEARNT_FROM
from dlcore.datasets.ingest.cells import read_cells
from dlcore.datasets.ingest.columns import (
    MOST_CLASSES,
    ColumnData,
    assign_roles,
    describe_columns,
    kind_of,
    read_column,
    task_of,
    wrong_cells,
)
from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.proposal import (
    Choices,
    Proposal,
    SourceForm,
    checked_name,
    natural_order,
    slug,
    title_of_file,
)
from dlcore.datasets.ingest.writing import Draft
from dlcore.datasets.samples import TEST, TRAIN, VALIDATION
from dlcore.datasets.stored import frame_columns
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, DatasetFacts, Task

LOOKED_AT = 20_000
"""Rows that are looked at to guess what a table is."""

_SHOWN = 50
_BATCH = 50_000
_KINDS = (DataKind.TABLE, DataKind.TEXT, DataKind.SERIES, DataKind.RATINGS)
_TASKS = {
    DataKind.SERIES: (Task.FORECASTING,),
    DataKind.RATINGS: (Task.RATING,),
}


def inspect_table(
    path: Path, settings: Settings, choices: Choices, origin: str, progress: Progress
) -> Proposal:
    """Returns what a table seems to be, by its first rows.

    Raises:
        DatasetError: it cannot be read.
    """
    cells = read_cells(path, settings, choices, most=LOOKED_AT, progress=progress)
    frame = cells.frame
    if not len(frame):
        raise DatasetError(N_("the table has no rows."), hint=N_("Choose another file."))
    columns = describe_columns(frame, choices, progress)
    kind = choices.kind or kind_of(columns, frame)
    group = choices.group if choices.group in frame.columns else ""
    columns = assign_roles(columns, kind, choices.roles, group or "")
    task = choices.task or task_of(kind, columns, len(frame))
    problem: Message | None = None
    try:
        check_roles(kind, task, columns)
        classes, counts = _counted(columns, frame, task)
    except DatasetError as error:
        classes, counts, problem = (), (), error.message
    return Proposal(
        form=SourceForm.TABLE,
        name=checked_name(choices.name or slug(origin or path.name)),
        title=choices.title or title_of_file(origin or path.name),
        kind=kind,
        task=task,
        samples=len(frame),
        exact=len(frame) < LOOKED_AT,
        classes=classes,
        counts={"": counts} if counts else {},
        columns=columns,
        group=group or "",
        delimiter=cells.delimiter,
        encoding=cells.encoding,
        header=cells.header,
        kinds=_KINDS,
        tasks=_TASKS.get(kind, (Task.BINARY, Task.MULTICLASS, Task.MULTILABEL, Task.REGRESSION)),
        preview_header=tuple(map(str, frame.columns)),
        preview=tuple(tuple(map(str, row)) for row in frame.head(_SHOWN).itertuples(index=False)),
        warnings=wrong_cells([read_column(c.name, frame[c.name], c.type, c.role) for c in columns]),
        refused=tuple(cells.refused),
        refused_count=cells.refused_count,
        problem=problem,
    )


def check_roles(kind: DataKind, task: Task, columns: tuple[Column, ...]) -> None:
    """Checks that there is what data of that kind needs.

    Raises:
        DatasetError: something is missing.
    """
    needed = {
        DataKind.RATINGS: (ColumnRole.USER, ColumnRole.ITEM, ColumnRole.TARGET),
        DataKind.SERIES: (ColumnRole.TARGET,),
    }.get(kind, (ColumnRole.FEATURE, ColumnRole.TARGET))
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
        if kind is DataKind.SERIES and column.role in LEARNT_FROM and column.type is not ColumnType.NUMBER:
            raise DatasetError(
                N_("column {column} holds no numbers, and a series is made of numbers."),
                hint=N_("Give it another role, such as ignored."),
                column=column.name,
            )
    values = [c for c in columns if c.role is ColumnRole.TARGET and c.type is not ColumnType.NUMBER]
    if task in (Task.REGRESSION, Task.FORECASTING, Task.RATING) and values:
        raise DatasetError(
            N_("column {column} holds no numbers to be predicted."),
            hint=N_("Choose another target, or a classification."),
            column=values[0].name,
        )


def _labels(series: pd.Series[Any], type_: ColumnType) -> list[str | None]:
    """Returns the values of a target column as the names of classes."""
    known = read_column("", series, type_, ColumnRole.TARGET).values
    if known.dtype == object:
        return list(known)
    return [None if np.isnan(value) else f"{value:.15g}" for value in known]


def _counted(
    columns: tuple[Column, ...], frame: pd.DataFrame, task: Task
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    targets = [column for column in columns if column.role is ColumnRole.TARGET]
    if task is Task.MULTILABEL:
        names, values = _multilabels(targets, frame)
        return names, tuple(int(n) for n in np.nansum(values, axis=0))
    if not task.single_label or len(targets) != 1:
        return (), ()
    labels = _labels(frame[targets[0].name], targets[0].type)
    classes = natural_order({label for label in labels if label is not None})
    if len(classes) > MOST_CLASSES:
        raise DatasetError(
            N_("column {column} has {count} different values, too many for classes."),
            hint=N_("Choose another target, or regression."),
            column=targets[0].name,
            count=len(classes),
        )
    return classes, tuple(labels.count(name) for name in classes)


def _multilabels(
    targets: list[Column], frame: pd.DataFrame
) -> tuple[tuple[str, ...], npt.NDArray[np.float32]]:
    """Returns the labels and (rows, labels) 0 or 1, from columns of 0 and 1 or from one of `a|b` cells."""
    if len(targets) > 1:
        read = [read_column(c.name, frame[c.name], ColumnType.NUMBER, c.role).values for c in targets]
        return tuple(c.name for c in targets), np.stack(read, axis=1).astype(np.float32)
    cells = _labels(frame[targets[0].name], targets[0].type)
    parts = [{p.strip() for p in cell.split("|") if p.strip()} if cell else set() for cell in cells]
    names = natural_order(set().union(*parts))
    return names, np.array([[name in one for name in names] for one in parts], np.float32)


def ingest_table(
    path: Path, settings: Settings, proposal: Proposal, draft: Draft, progress: Progress
) -> tuple[DatasetFacts, dict[str, Any]]:
    """Reads the whole table, and returns the facts and the statistics of the accepted rows."""
    cells = read_cells(path, settings, proposal.choices(), progress=progress)
    frame = cells.frame
    draft.refused, draft.refused_count = cells.refused, cells.refused_count
    known: list[ColumnData] = []
    for column in proposal.columns:
        progress(len(known), len(proposal.columns), JobUnit.COLUMNS)
        known.append(read_column(column.name, frame[column.name], column.type, column.role))
    columns = tuple(one.column for one in known)
    check_roles(proposal.kind, proposal.task, columns)
    facts = _facts(proposal, columns, frame)
    parts = _parts(columns, frame)
    _write_rows(draft, facts, known, parts, proposal.group, frame)
    facts = _with_targets(facts, known, frame, draft)
    counted = {name: int((parts == name).sum()) for name in ("", TRAIN, VALIDATION, TEST)}
    facts = replace(
        facts,
        train_size=counted[""] + counted[TRAIN],
        validation_size=counted[VALIDATION],
        test_size=counted[TEST],
    )
    return facts, {"columns": [_statistics(one) for one in known]}


def _facts(proposal: Proposal, columns: tuple[Column, ...], frame: pd.DataFrame) -> DatasetFacts:
    grouped = any(column.role is ColumnRole.GROUP for column in columns)
    return DatasetFacts(
        name=proposal.name,
        title=proposal.title,
        description="",
        task=proposal.task,
        input_shape=(len(frame),) if proposal.kind is DataKind.SERIES else None,
        classes=(),
        train_size=0,
        test_size=0,
        licence="",
        source="",
        citation="",
        kind=proposal.kind,
        columns=columns,
        has_groups=grouped,
    )


def _parts(columns: tuple[Column, ...], frame: pd.DataFrame) -> npt.NDArray[np.str_]:
    column = next((c for c in columns if c.role is ColumnRole.PART), None)
    if column is None:
        return np.full(len(frame), "", dtype="<U10")
    cells = [str(cell) for cell in frame[column.name]]
    known = {cell: part_of(cell) or "" for cell in set(cells)}
    return np.array([known[cell] for cell in cells], dtype="<U10")


def _write_rows(
    draft: Draft,
    facts: DatasetFacts,
    known: list[ColumnData],
    parts: npt.NDArray[np.str_],
    group: str,
    frame: pd.DataFrame,
) -> None:
    places = frame_columns(facts)
    arrays = {"part": pa.array(parts.tolist(), pa.string())}
    for one in known:
        values = one.values
        if facts.kind is DataKind.RATINGS and one.column.role in (ColumnRole.USER, ColumnRole.ITEM):
            values = np.array(_labels(frame[one.column.name], one.column.type), dtype=object)
        kind = pa.string() if values.dtype == object else pa.float64()
        arrays[places[one.column.name]] = pa.array(values.tolist(), kind)
    if facts.kind is DataKind.RATINGS and "time" not in arrays:
        arrays["time"] = pa.array([float("nan")] * len(parts), pa.float64())
    table = pa.RecordBatch.from_pydict(arrays)
    for start in range(0, table.num_rows, _BATCH):
        draft.rows(table.slice(start, _BATCH))


def _with_targets(
    facts: DatasetFacts, known: list[ColumnData], frame: pd.DataFrame, draft: Draft
) -> DatasetFacts:
    """Writes what is to be predicted; returns the facts with its classes."""
    targets = [one.column for one in known if one.column.role is ColumnRole.TARGET]
    if facts.kind in (DataKind.SERIES, DataKind.RATINGS):
        return facts
    if facts.task is Task.MULTILABEL:
        names, values = _multilabels(targets, frame)
        draft.targets(values)
        return replace(facts, classes=names)
    if facts.task is Task.REGRESSION:
        numbers = [one.values for one in known if one.column.role is ColumnRole.TARGET]
        draft.targets(np.stack(numbers, axis=1).astype(np.float32))
        return facts
    classes, counts = _counted(facts.columns, frame, facts.task)
    labels = _labels(frame[targets[0].name], targets[0].type)
    places = {name: index for index, name in enumerate(classes)}
    draft.targets(np.array([-1 if label is None else places[label] for label in labels], np.int64))
    # A binary task has two classes, whatever was said of a part of the table.
    task = facts.task if facts.task is Task.MULTICLASS or len(classes) == 2 else Task.MULTICLASS
    return replace(facts, classes=classes, class_counts=counts, task=task)


def _statistics(one: ColumnData) -> dict[str, Any]:
    row: dict[str, Any] = {"name": one.column.name, "missing": one.column.missing, "wrong": one.wrong}
    if one.values.dtype != object and np.isfinite(one.values).any():
        row |= dict(_summary(one.values[np.isfinite(one.values)]))
    return row


def _summary(values: npt.NDArray[np.float64]) -> Iterator[tuple[str, float]]:
    # In units of the largest, so that squares of 1e300 are numbers, too.
    unit = float(np.abs(values).max()) or 1.0
    yield from (("low", float(values.min())), ("mean", float((values / unit).mean()) * unit))
    yield from (("high", float(values.max())), ("std", float((values / unit).std()) * unit))
