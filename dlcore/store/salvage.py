"""What can still be read of a damaged store, row by row."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from enum import StrEnum
from pathlib import Path

from sqlalchemy import JSON, String, Table, Text

from dlcore.records import (
    Axis,
    JobState,
    JobUnit,
    Origin,
    RunState,
    Scope,
    StudyAction,
    StudyState,
    TrialState,
)
from dlcore.records.registry import ModelStage, UseKind
from dlcore.store.tables import lines, metadata, points, ranges, workers

Row = tuple[object, ...]

WORDS: dict[tuple[str, str], type[StrEnum]] = {
    ("runs", "state"): RunState,
    ("points", "axis"): Axis,
    ("points", "scope"): Scope,
    ("ranges", "axis"): Axis,
    ("ranges", "scope"): Scope,
    ("jobs", "state"): JobState,
    ("jobs", "unit"): JobUnit,
    ("studies", "state"): StudyState,
    ("study_requests", "action"): StudyAction,
    ("trials", "state"): TrialState,
    ("trials", "origin"): Origin,
    ("model_versions", "stage"): ModelStage,
    ("model_uses", "kind"): UseKind,
}
"""Columns that hold a member of an enum."""


def salvage(damaged: Path, fresh: Path) -> tuple[int, int]:
    """Copies every row that can be read, makes sense, and belongs to something into a new store.

    Args:
        damaged: the old file, which is only read.
        fresh: a store with nothing in it.

    Returns:
        How many rows were kept, and how many that could be read were not.
    """
    kept = refused = 0
    with closing(sqlite3.connect(damaged)) as old, closing(sqlite3.connect(fresh)) as new, new:
        old.text_factory = bytes
        new.execute("PRAGMA foreign_keys=ON")
        for table in metadata.sorted_tables:
            if table in (workers, ranges):  # a lease of a time before, and what follows from the points
                continue
            marks = ", ".join("?" * len(table.columns))
            for row in _rows(old, table):
                if not makes_sense(table, row):
                    refused += 1
                    continue
                try:
                    new.execute(
                        f"INSERT INTO {table.name} ({_names(table)}) VALUES ({marks})", _decoded(table, row)
                    )
                    kept += 1
                except sqlite3.IntegrityError:  # what it belongs to could not be read
                    refused += 1
    return kept, refused


def count_invalid_rows(file: Path, *, whole: bool) -> int:
    """Returns how many rows of a store that is sound as a file make no sense:
    bytes of their values have changed.

    Args:
        file: the store.
        whole: whether curves and logs are read as well, which may be millions of rows.
    """
    if not file.is_file():
        return 0
    tables = [table for table in metadata.sorted_tables if whole or table not in (points, ranges, lines)]
    with closing(sqlite3.connect(file)) as connection:
        connection.text_factory = bytes
        return sum(not makes_sense(table, row) for table in tables for row in _rows(connection, table))


def makes_sense(table: Table, row: Row) -> bool:
    """Returns whether all values of a row can be what their columns hold."""
    for column, value in zip(table.columns, row, strict=True):
        if not isinstance(column.type, (JSON, String, Text)):
            continue
        if value is None and column.nullable:
            continue
        if not isinstance(value, bytes):
            return False
        kind = WORDS.get((table.name, column.name))
        try:
            text = value.decode()
            if isinstance(column.type, JSON):
                json.loads(text)
            elif kind is not None:
                kind(text)
        except ValueError:
            return False
    return True


def _decoded(table: Table, row: Row) -> Row:
    texts = [isinstance(column.type, (JSON, String, Text)) for column in table.columns]
    pairs = zip(row, texts, strict=True)
    return tuple(value.decode() if isinstance(value, bytes) and text else value for value, text in pairs)


def _rows(connection: sqlite3.Connection, table: Table) -> Iterator[Row]:
    """Yields each row that some way through the table leads to;
    the next way is taken where one ends at damage.
    """
    places = [_columns(table).index(column.name) for column in table.primary_key]
    seen: set[Row] = set()
    for way in _ways(table):
        try:
            for row in connection.execute(f"SELECT {_names(table)} FROM {table.name} {way}"):
                found = tuple(row[place] for place in places)
                if found not in seen:
                    seen.add(found)
                    yield row
        except (sqlite3.DatabaseError, UnicodeDecodeError):  # SQLite names what is damaged, in its own bytes
            continue
        return


def _ways(table: Table) -> Iterator[str]:
    """From the first row on and from the last one back, along the key and, where it has another, its own order."""
    key = [column.name for column in table.primary_key]
    for direction in ("ASC", "DESC"):
        yield "ORDER BY " + ", ".join(f'"{name}" {direction}' for name in key)
    if table.dialect_options["sqlite"]["with_rowid"]:
        for direction in ("ASC", "DESC"):
            yield f"NOT INDEXED ORDER BY rowid {direction}"


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _names(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in _columns(table))
