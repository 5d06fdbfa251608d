"""Tables from SQLite and Stata: read as they are, and nothing in them is run."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pandas as pd
import pyarrow as pa

from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.translating import reading
from dlcore.datasets.ingest.workbooks import check_size
from dlcore.errors import N_, DatasetError, Message
from dlcore.settings import Settings

_BATCH = 10_000
SQLITE_MAGIC = b"SQLite format 3\0"


def read_database(
    source: TableSource, settings: Settings, most: int | None
) -> tuple[Iterator[pa.RecordBatch], tuple[Message, ...]]:
    """Returns the largest table of an SQLite database block by block, and a note where there are others.

    Raises:
        DatasetError: it is damaged, has no table, or too large a one.
    """
    database = sqlite3.connect(":memory:")
    try:
        data = source.read()
        tables = reading(lambda: _tables(database, data))
        if not tables:
            raise DatasetError(N_("the database has no table with rows."), hint=N_("Choose another file."))
        name = max(tables, key=tables.__getitem__)
        quoted = '"' + name.replace('"', '""') + '"'
        limit = tables[name] if most is None else min(most, tables[name])
        cursor = reading(lambda: database.execute(f"SELECT * FROM {quoted} LIMIT {limit}"))
        check_size(tables[name], len(cursor.description), settings)
    except BaseException:
        database.close()
        raise
    others = ", ".join(sorted(set(tables) - {name})[:9])
    note = Message(
        N_("table {table} of the database is read, the largest; not read: {others}."),
        params={"table": name, "others": others},
    )
    return _batches(database, cursor), (note,) if others else ()


def _batches(database: sqlite3.Connection, cursor: sqlite3.Cursor) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a question to a database, which is closed behind them."""
    names = [column[0] for column in cursor.description]
    with closing(database):
        while rows := reading(lambda: cursor.fetchmany(_BATCH)):
            columns = [
                pa.array(list(map(_text, column)), pa.large_string()) for column in zip(*rows, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, names=names)


def _tables(database: sqlite3.Connection, data: bytes) -> dict[str, int]:
    """Returns how many rows each table has; views and virtual tables, which compute, are left alone."""
    database.deserialize(data)
    database.execute("PRAGMA trusted_schema = OFF")
    found = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    counts = {}
    for name, sql in found:
        if not name.startswith("sqlite_") and "virtual" not in (sql or "").lower().split("(")[0]:
            quoted = '"' + name.replace('"', '""') + '"'
            counts[name] = database.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]
    return {name: count for name, count in counts.items() if count}


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, bytes) else str(value)


def read_stata(source: TableSource, settings: Settings, most: int | None) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a Stata file; labelled values are their labels.

    Raises:
        DatasetError: it is damaged, or too large.
    """
    data = source.read()
    frame: pd.DataFrame = reading(lambda: pd.read_stata(io.BytesIO(data), convert_categoricals=True))
    check_size(len(frame), len(frame.columns), settings)
    frame = frame.head(most) if most is not None else frame
    labelled = [name for name in frame.columns if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    frame = frame.astype(dict.fromkeys(labelled, object))
    yield from pa.Table.from_pandas(frame, preserve_index=False).to_batches()
