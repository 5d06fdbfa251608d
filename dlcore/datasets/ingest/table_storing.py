"""Writing a table as a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from dlcore.datasets.ingest.columns import ColumnData
from dlcore.datasets.ingest.open_table import (
    OpenTable,
    check_roles,
    count_classes,
    multilabels,
    read_sources,
    understand,
)
from dlcore.datasets.ingest.panels import series_codes
from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.proposal import (
    Choices,
    Proposal,
    check_doubts,
)
from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.tables import warnings_of
from dlcore.datasets.ingest.writing import Draft
from dlcore.datasets.samples import TEST, TRAIN, VALIDATION
from dlcore.datasets.stored import ASSUMED, frame_columns
from dlcore.records import Progress
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnRole, DataKind, DatasetFacts, Task

_BATCH = 50_000


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
    frame = cells.frame
    draft.refused, draft.refused_count = cells.refused, cells.refused_count
    table, _, roles = understand(cells, choices, progress)
    # What the first rows did not show, all of them may.
    check_doubts(table.reading.doubts, choices)
    known = [table.data(column) for column in roles.columns]
    columns = tuple(one.column for one in known)
    check_roles(proposal.kind, proposal.task, columns)
    facts = _facts(proposal, columns, _longest(columns, table))
    parts = _parts(columns, frame)
    _write_rows(draft, facts, known, parts, table)
    facts = _with_targets(facts, known, table, draft)
    counted = {name: int((parts == name).sum()) for name in ("", TRAIN, VALIDATION, TEST)}
    facts = replace(
        facts,
        train_size=counted[""] + counted[TRAIN],
        validation_size=counted[VALIDATION],
        test_size=counted[TEST],
    )
    accepted = [doubt.message for doubt in proposal.doubts]
    said = (*proposal.notes, *accepted, *warnings_of(table, roles, proposal.kind))
    assumed = [note.to_dict() for note in said]
    return facts, {"columns": [_statistics(one) for one in known], ASSUMED: assumed}


def _longest(columns: tuple[Column, ...], table: OpenTable) -> int:
    """Returns how many rows the longest series has."""
    series = series_codes(columns, table.reading.data)
    return len(table.frame) if series is None else int(np.bincount(series).max(initial=0))


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


def _parts(columns: tuple[Column, ...], frame: pd.DataFrame) -> npt.NDArray[np.str_]:
    column = next((c for c in columns if c.role is ColumnRole.PART), None)
    if column is None:
        return np.full(len(frame), "", dtype="<U10")
    cells = [str(cell) for cell in frame[column.name]]
    known = {cell: part_of(cell) or "" for cell in set(cells)}
    return np.array([known[cell] for cell in cells], dtype="<U10")


def _write_rows(
    draft: Draft, facts: DatasetFacts, known: list[ColumnData], parts: npt.NDArray[np.str_], table: OpenTable
) -> None:
    places = frame_columns(facts)
    arrays = {"part": pa.array(parts.tolist(), pa.string())}
    for one in known:
        values = one.values
        if facts.kind is DataKind.RATINGS and one.column.role in (ColumnRole.USER, ColumnRole.ITEM):
            values = np.array(table.labels(one.column), dtype=object)
        kind = pa.string() if values.dtype == object else pa.float64()
        arrays[places[one.column.name]] = pa.array(values.tolist(), kind)
    if facts.kind is DataKind.RATINGS and "time" not in arrays:
        arrays["time"] = pa.array([float("nan")] * len(parts), pa.float64())
    rows = pa.RecordBatch.from_pydict(arrays)
    for start in range(0, rows.num_rows, _BATCH):
        draft.rows(rows.slice(start, _BATCH))


def _with_targets(
    facts: DatasetFacts, known: list[ColumnData], table: OpenTable, draft: Draft
) -> DatasetFacts:
    """Writes what is to be predicted; returns the facts with its classes."""
    targets = [one.column for one in known if one.column.role is ColumnRole.TARGET]
    if facts.kind in (DataKind.SERIES, DataKind.RATINGS):
        return facts
    if facts.task is Task.MULTILABEL:
        names, values = multilabels(targets, table)
        draft.targets(values)
        return replace(facts, classes=names)
    if facts.task is Task.REGRESSION:
        numbers = [one.values for one in known if one.column.role is ColumnRole.TARGET]
        draft.targets(np.stack(numbers, axis=1).astype(np.float32))
        return facts
    classes, counts = count_classes(facts.columns, table, facts.task)
    places = {name: index for index, name in enumerate(classes)}
    labels = table.labels(targets[0])
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
