"""Tables from SQLite, Stata, SPSS and SAS: read as they are, block by block, and nothing in them is run."""

from __future__ import annotations

import importlib
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.translating import reading, unreadable
from dlcore.datasets.ingest.workbooks import check_size
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings

_BATCH = 10_000
_PARSED_AT_ONCE = 100_000
"""Rows of a file of SPSS or SAS: its reader begins at the first row each time."""

_STATISTICS = {
    "sav": "read_sav",
    "zsav": "read_sav",
    "por": "read_por",
    "sas7bdat": "read_sas7bdat",
    "xpt": "read_xport",
}
STATISTICS_ENDINGS = frozenset(_STATISTICS)
SQLITE_MAGIC = b"SQLite format 3\0"


def read_database(
    source: TableSource, settings: Settings, most: int | None, notes: list[Message], progress: Progress
) -> Iterator[pa.RecordBatch]:
    """Yields the rows of the largest table of an SQLite database, block by block.

    Args:
        source: the database.
        settings: limits.
        most: read at most that many rows.
        notes: gets one where there are other tables.
        progress: is told how many rows are read.

    Raises:
        DatasetError: it is damaged, has no table, or too large a one.
    """
    with source.as_file(settings) as path, closing(reading(lambda: _opened(path))) as database:
        tables = reading(lambda: _tables(database))
        if not tables:
            raise DatasetError(N_("the database has no table with rows."), hint=N_("Choose another file."))
        name = max(tables, key=tables.__getitem__)
        if others := ", ".join(sorted(set(tables) - {name})[:9]):
            text = N_("table {table} of the database is read, the largest; not read: {others}.")
            notes.append(Message(text, params={"table": name, "others": others}))
        limit = tables[name] if most is None else min(most, tables[name])
        cursor = reading(lambda: database.execute(f"SELECT * FROM {_quoted(name)} LIMIT {limit}"))
        names = [column[0] for column in cursor.description]
        check_size(tables[name], len(names), settings)
        done = 0
        while rows := reading(lambda: cursor.fetchmany(_BATCH)):
            columns = [
                pa.array(list(map(_text, column)), pa.large_string()) for column in zip(*rows, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, names=names)
            done += len(rows)
            progress(done, limit, JobUnit.ROWS)


def _opened(path: Path) -> sqlite3.Connection:
    # It is not written to, and what lies beside it, such as a journal, is left alone.
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _tables(database: sqlite3.Connection) -> dict[str, int]:
    """Returns how many rows each table has; views and virtual tables, which compute, are left alone."""
    found = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    counts = {}
    for name, sql in found:
        if not name.startswith("sqlite_") and "virtual" not in (sql or "").lower().split("(")[0]:
            counts[name] = database.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0]
    return {name: count for name, count in counts.items() if count}


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, bytes) else str(value)


def read_stata(
    source: TableSource, settings: Settings, most: int | None, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a Stata file, block by block; labelled values are their labels.

    Raises:
        DatasetError: it is damaged, or too large.
    """
    with source.as_file(settings) as path, ExitStack() as stack:
        opened = reading(lambda: pd.read_stata(path, convert_categoricals=True, chunksize=_BATCH))
        frames = reading(lambda: stack.enter_context(opened))
        rows = 0
        while (frame := reading(lambda: _following(frames))) is not None:
            frame = frame.head(most - rows) if most is not None else frame
            rows += len(frame)
            check_size(rows, len(frame.columns), settings)
            yield from _batches(frame)
            progress(rows, 0, JobUnit.ROWS)
            if most is not None and rows >= most:
                return


def _following(frames: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
    with warnings.catch_warnings():
        # Labels that only some values have become texts beside the others, which is as it should be.
        warnings.simplefilter("ignore", pd.errors.CategoricalConversionWarning)
        return next(frames, None)


def _batches(frame: pd.DataFrame) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a frame; where only some values have labels, the others are texts, too."""
    labelled = [name for name in frame.columns if frame[name].dtype == object or _is_labelled(frame[name])]
    texts = {name: [_label(value) for value in frame[name].tolist()] for name in labelled}
    frame = frame.assign(
        **{name: pd.Series(cells, frame.index, dtype=object) for name, cells in texts.items()}
    )
    yield from pa.Table.from_pandas(frame, preserve_index=False).to_batches()


def _is_labelled(column: pd.Series[Any]) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


def _label(value: Any) -> str | None:
    if value is None or value is pd.NaT or value != value:
        return None
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def read_statistics(
    source: TableSource, settings: Settings, most: int | None, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a file of SPSS or SAS, block by block; labelled values are their labels.

    What the file itself declares to be missing is missing.

    Raises:
        DatasetError: it is damaged, too large, or the package that reads such files is not installed.
    """
    try:
        package: Any = importlib.import_module("pyreadstat")
    except ImportError as error:
        raise DatasetError(
            N_("files of SPSS and SAS are read by the package {package}, which is not installed."),
            hint=N_("Install it: pip install {package}. Or save the data as CSV, or for Stata (.dta)."),
            package="pyreadstat",
        ) from error
    read = getattr(package, _STATISTICS[source.ending])
    with source.as_file(settings) as path:
        rows, size = 0, _PARSED_AT_ONCE if most is None else min(most, _PARSED_AT_ONCE)
        while True:
            try:
                frame, _ = read(
                    path,
                    row_offset=rows,
                    row_limit=size,
                    apply_value_formats=True,
                    formats_as_category=False,
                    output_format="pandas",
                )
            except (package.ReadstatError, package.PyreadstatError, UnicodeError, ValueError) as error:
                raise unreadable(error) from error
            rows += len(frame)
            check_size(rows, len(frame.columns), settings)
            yield from _batches(frame)
            progress(rows, 0, JobUnit.ROWS)
            if len(frame) < size or (most is not None and rows >= most):
                return
