"""Writing a table as a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from dlcore.datasets.ingest.columns import ColumnData
from dlcore.datasets.ingest.forecast_starts import find_start
from dlcore.datasets.ingest.open_table import (
    check_roles,
    count_classes,
    count_labels,
    label_blocks,
    read_sources,
    separator_of,
    understand,
)
from dlcore.datasets.ingest.panels import series_lengths
from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.proposal import (
    Choices,
    Proposal,
    check_doubts,
)
from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.table_values import OpenTable
from dlcore.datasets.ingest.tables import doubts_of, warnings_of
from dlcore.datasets.ingest.writing import Draft
from dlcore.datasets.reading import TABLES
from dlcore.datasets.samples import TEST, TRAIN, VALIDATION
from dlcore.datasets.stored import ASSUMED, frame_columns
from dlcore.design.templates.series import start_notes
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, DatasetFacts, Task


def ingest_table(
    sources: Sequence[TableSource],
    settings: Settings,
    proposal: Proposal,
    choices: Choices,
    draft: Draft,
    progress: Progress,
) -> tuple[DatasetFacts, dict[str, Any]]:
    """Reads the whole table, and returns the facts and the statistics of the accepted rows.

    Args:
        sources: the files.
        settings: limits.
        proposal: what the table is, with types and roles.
        choices: what the user said of how it is read.
        draft: takes the rows.
        progress: is told how much is read.
    """
    fixed = proposal.choices()
    choices = replace(
        choices, kind=fixed.kind, roles=fixed.roles, types=fixed.types, delimiter=fixed.delimiter,
        encoding=fixed.encoding, header=fixed.header, group=fixed.group,
    )  # fmt: skip
    cells = read_sources(sources, settings, choices, progress=progress)
    draft.refused, draft.refused_count = cells.refused, cells.refused_count
    table, _, roles = understand(cells, choices, progress, whole=True)
    # What the first rows did not show, all of them may.
    check_doubts(doubts_of(table, roles, proposal.kind), choices)
    known = [table.data(column) for column in roles.columns]
    columns = tuple(one.column for one in known)
    check_roles(proposal.kind, proposal.task, columns)
    facts = _facts(proposal, columns, _longest(columns, table))
    counted = _write_rows(draft, facts, table, progress)
    facts = _with_targets(facts, table, draft)
    facts = replace(
        facts,
        train_size=counted[""] + counted[TRAIN],
        validation_size=counted[VALIDATION],
        test_size=counted[TEST],
    )
    facts = replace(facts, forecast_start=find_start(facts, table))
    accepted = [doubt.message for doubt in proposal.doubts]
    said = (*proposal.notes, *start_notes(facts), *accepted, *warnings_of(table, roles, proposal.kind))
    assumed = [note.to_dict() for note in said]
    return facts, {
        "columns": [_statistics(one) for one in known],
        ASSUMED: assumed,
        TABLES: _how_read(table, facts),
    }


def _how_read(table: OpenTable, facts: DatasetFacts) -> dict[str, Any]:
    """Returns how the columns were read, as new files should be read, too."""
    targets = facts.columns_of(ColumnRole.TARGET)
    several = facts.task is Task.MULTILABEL and len(targets) == 1
    return {
        "columns": {name: one.to_dict() for name, one in table.reading.readings.items()},
        "missing": list(table.choices.missing),
        "separator": separator_of(targets[0], table) if several else "",
    }


def _longest(columns: tuple[Column, ...], table: OpenTable) -> int:
    """Returns how many rows the longest series has."""
    lengths = series_lengths(columns, table)
    return max(lengths, default=0) if lengths is not None else table.rows


def _facts(proposal: Proposal, columns: tuple[Column, ...], longest: int) -> DatasetFacts:
    grouped = any(column.role is ColumnRole.GROUP for column in columns)
    return DatasetFacts(
        name=proposal.name,
        title=proposal.title,
        description="",
        task=proposal.task,
        input_shape=(longest,) if proposal.kind is DataKind.SERIES else None,
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


def _write_rows(draft: Draft, facts: DatasetFacts, table: OpenTable, progress: Progress) -> Counter[str]:
    """Writes the columns, block by block; returns how many rows each part has."""
    places, counted = frame_columns(facts), Counter[str]()
    columns = {column.name: _stored_blocks(column, facts, table) for column in facts.columns}
    parts = _part_blocks(facts.columns, table)
    for length in table.cells.table.lengths:
        progress(draft.samples, table.rows, JobUnit.ROWS)
        told = next(parts)
        arrays = {"part": told} | {places[name]: next(blocks) for name, blocks in columns.items()}
        if facts.kind is DataKind.RATINGS and "time" not in arrays:
            arrays["time"] = pa.array(np.full(length, np.nan), pa.float64())
        counted.update({one["values"]: one["counts"] for one in told.value_counts().to_pylist()})
        draft.rows(pa.RecordBatch.from_pydict(arrays))
    return counted


def _stored_blocks(column: Column, facts: DatasetFacts, table: OpenTable) -> Iterator[pa.Array]:
    """Yields the cells of a column as they are stored, block by block."""
    names = facts.kind is DataKind.RATINGS and column.role in (ColumnRole.USER, ColumnRole.ITEM)
    if column.type in (ColumnType.NUMBER, ColumnType.TIME) and not names:
        for numbers in table.numbers(column.name):
            yield pa.array(numbers, pa.float64())
        return
    for labels in table.labels(column.name):
        yield labels.cells()


def _part_blocks(columns: tuple[Column, ...], table: OpenTable) -> Iterator[pa.Array]:
    """Yields the part of each row, empty where none is said, block by block."""
    column = next((c for c in columns if c.role is ColumnRole.PART), None)
    if column is None:
        for length in table.cells.table.lengths:
            yield pa.array([""] * length, pa.string())
        return
    for block in table.cells.table.column(column.name).blocks():
        names = pa.array([*((part_of(text) or "") for text in block.texts), ""], pa.string())
        yield names.take(pa.array(np.where(block.codes < 0, len(block.texts), block.codes)))


def _with_targets(facts: DatasetFacts, table: OpenTable, draft: Draft) -> DatasetFacts:
    """Writes what is to be predicted; returns the facts with its classes."""
    targets = [column for column in facts.columns if column.role is ColumnRole.TARGET]
    if facts.kind in (DataKind.SERIES, DataKind.RATINGS) or facts.task is Task.RECONSTRUCTION:
        return facts
    if facts.task is Task.MULTILABEL:
        names, _ = count_labels(targets, table)
        draft.target_blocks((table.rows, len(names)), np.float32, label_blocks(targets, names, table))
        return replace(facts, classes=names)
    if facts.task is Task.REGRESSION:
        numbers = zip(*(table.numbers(column.name) for column in targets), strict=True)
        blocks = (np.stack(one, axis=1).astype(np.float32) for one in numbers)
        draft.target_blocks((table.rows, len(targets)), np.float32, blocks)
        return facts
    classes, counts = count_classes(facts.columns, table, facts.task)
    places = {name: index for index, name in enumerate(classes)}
    labels = table.labels(targets[0].name)
    numbered = (np.array([*map(places.__getitem__, one.texts), -1], np.int64)[one.codes] for one in labels)
    draft.target_blocks((table.rows,), np.int64, numbered)
    # A binary task has two classes, whatever was said of a part of the table.
    task = facts.task if facts.task is Task.MULTICLASS or len(classes) == 2 else Task.MULTICLASS
    return replace(facts, classes=classes, class_counts=counts, task=task)


def _statistics(one: ColumnData) -> dict[str, Any]:
    return {"name": one.column.name, "missing": one.column.missing, "wrong": one.wrong, **one.summary}
