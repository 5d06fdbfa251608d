"""Tables from files: rows of text, read without evaluating anything."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

import pandas as pd
import pyarrow as pa

from dlcore.datasets.ingest.arff import arff_rows
from dlcore.datasets.ingest.columns import is_nothing
from dlcore.datasets.ingest.databases import SQLITE_MAGIC, read_database, read_stata
from dlcore.datasets.ingest.delimited import (
    BLANKS,
    Frame,
    column_names,
    delimiter_of,
    frame_of,
    is_total,
    parse_rows,
)
from dlcore.datasets.ingest.encodings import encoding_of
from dlcore.datasets.ingest.proposal import Choices, clean_text
from dlcore.datasets.ingest.records import read_records
from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.translating import DAMAGE_OF_TABLES, check_width, reading, too_large, unreadable
from dlcore.datasets.ingest.workbooks import read_feather, read_parquet, read_sheet
from dlcore.datasets.stored import RefusedItem
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import JobUnit, Progress, no_progress
from dlcore.settings import Settings

_HEAD = 2**18
"""Bytes that are looked at to tell the delimiter."""
_FIRST_ROWS = 200
"""Rows that are looked at to find where the table begins."""
_ZIP_MAGIC, _PARQUET_MAGIC, _FEATHER_MAGIC = b"PK\x03\x04", b"PAR1", b"ARROW1"
_MOST_REFUSED = 1_000
_BLOCK_CELLS = 200_000
"""Cells that are held as Python's texts, which take four times the room, before they are packed."""
_TAIL = 8
"""Rows at the end of a table that may sum it up."""
_LINES = 1_024
"""Lines of text from one report of progress to the next."""
_JSON = frozenset({"json", "jsonl", "ndjson"})

Row = list[str]


@dataclass
class Cells:
    """A table as text: every cell as it appears in the file, or a number or time that its format knows.

    Attributes:
        frame: columns by their names in the file.
        unnamed: those that the file gives no name.
        refused: rows that could not be read.
        notes: what was assumed, and what was left out.
        replaced: characters that could not be decoded.
    """

    frame: pd.DataFrame
    delimiter: str = ""
    encoding: str = ""
    header: bool = True
    unnamed: frozenset[str] = frozenset()
    refused: list[RefusedItem] = field(default_factory=list)
    refused_count: int = 0
    notes: list[Message] = field(default_factory=list)
    replaced: int = 0

    def refuse(self, name: str, reason: Message) -> None:
        """Notes a row that is left out; the first 1,000 by name."""
        self.refused_count += 1
        if len(self.refused) < _MOST_REFUSED:
            self.refused.append(RefusedItem(name, reason))


def read_cells(
    source: TableSource,
    settings: Settings,
    choices: Choices,
    *,
    most: int | None = None,
    progress: Progress = no_progress,
) -> Cells:
    """Returns the table in a file.

    Args:
        source: CSV and its like, JSON, Parquet, Feather or XLSX; its first bytes decide which.
        settings: limits.
        choices: may name delimiter, encoding, and whether there is a header.
        most: read at most that many rows.
        progress: is told how many bytes are read.

    Raises:
        DatasetError: it is no table, or too large.
    """
    if source.size > settings.max_table_bytes:
        raise too_large(settings.max_table_bytes)
    head = reading(lambda: next(source.blocks(), b""))
    if head.startswith(_PARQUET_MAGIC):
        cells = _typed(read_parquet(source, settings, most, progress))
    elif head.startswith(_FEATHER_MAGIC):
        cells = _typed(read_feather(source, settings, most))
    elif head.startswith(_ZIP_MAGIC):
        rows = read_sheet(source, settings)
        cells = _table(iter(rows), Cells(pd.DataFrame()), settings, choices, most)
    elif head.startswith(SQLITE_MAGIC):
        frame, notes = read_database(source, settings, most)
        cells = _typed(frame)
        cells.notes.extend(notes)
    elif source.ending == "dta":
        cells = _typed(read_stata(source, settings, most))
    elif source.ending in _JSON:
        cells = Cells(pd.DataFrame())
        read_records(source, cells, settings, most)
    else:
        cells = _text(source, head, settings, choices, most, progress)
    _drop_empty(cells, keep={*choices.roles, *choices.types})
    if not len(cells.frame.columns):
        raise DatasetError(N_("it contains no table."), hint=N_("Choose another file."))
    return cells


def _typed(frame: pd.DataFrame) -> Cells:
    names = [clean_text(str(name)) for name in frame.columns]
    frame.columns = unique_names(names)
    unnamed = {str(new) for new, name in zip(frame.columns, names, strict=True) if _is_unnamed(name)}
    return Cells(frame.reset_index(drop=True), unnamed=frozenset(unnamed))


def _is_unnamed(name: str) -> bool:
    return not name or name.startswith(("Unnamed:", "__index_level_"))


def _drop_empty(cells: Cells, keep: set[str]) -> None:
    """Leaves out columns that hold nothing at all, but for those that are named in the choices."""
    frame = cells.frame
    if not len(frame):
        return
    empty = [
        name
        for name in frame.columns
        if name not in keep
        and not pd.api.types.is_numeric_dtype(frame[name])
        and not any(map(_says, frame[name]))
    ]
    if empty:
        cells.frame = frame.drop(columns=empty)
        cells.notes.append(
            Message(
                N_("empty columns are left out: {names}."), params={"names": ", ".join(map(str, empty[:9]))}
            )
        )


def _says(cell: Any) -> bool:
    return not is_nothing(cell) and (not isinstance(cell, str) or bool(cell.strip()))


def _text(
    source: TableSource,
    head: bytes,
    settings: Settings,
    choices: Choices,
    most: int | None,
    progress: Progress,
) -> Cells:
    head = head[:_HEAD]
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DatasetError(
            N_("this is not text, so it cannot be CSV."), hint=N_("Choose a CSV, TSV, Parquet or XLSX file.")
        )
    encoding = choices.encoding or reading(lambda: encoding_of(source.blocks))
    start = reading(lambda: head.decode(encoding, errors="replace"))
    csv.field_size_limit(settings.max_cell_chars)
    if source.ending == "arff":
        cells = Cells(pd.DataFrame(), encoding=encoding)
        rows = _each(arff_rows(_lines(source, cells, progress)))
        return _table(rows, cells, settings, replace(choices, header=True), most)
    delimiter = choices.delimiter or delimiter_of(start)
    cells = Cells(pd.DataFrame(), delimiter=delimiter, encoding=encoding)
    lines = (line.replace("\0", "") for line in _lines(source, cells, progress))
    rows = _each(parse_rows(lines, delimiter))
    return _table(rows, cells, settings, choices, most)


def _lines(source: TableSource, cells: Cells, progress: Progress) -> Iterator[str]:
    """Yields the lines of a text, counts what cannot be decoded, and reports progress now and then."""
    import io

    with source.open() as raw, io.TextIOWrapper(raw, cells.encoding, errors="replace", newline="") as file:
        taken = 0
        for number, line in enumerate(file):
            taken += len(line)
            if number % _LINES == 0:
                progress(min(taken, source.size), source.size, JobUnit.BYTES)
            cells.replaced += line.count("\ufffd")
            yield line


def _each(rows: Iterator[Row]) -> Iterator[Row]:
    """Yields the rows that a library reads; errors raised by the caller's loop are not translated."""
    try:
        yield from rows
    except DAMAGE_OF_TABLES as error:
        raise unreadable(error) from error


def _table(
    rows: Iterator[Row], cells: Cells, settings: Settings, choices: Choices, most: int | None
) -> Cells:
    """Rows made into columns; those with another number of cells are refused one by one."""
    numbered = (
        (number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)
    )
    first = list(islice(numbered, _FIRST_ROWS))
    around = frame_of([row for _, row in first], choices.header)
    check_width(around.width, settings)
    fitting = _fitting(chain(first, numbered), around, cells)
    cells.header = around.names > 0
    headers = [row for _, row in islice(fitting, around.names)]
    names = [clean_text(name) for name in column_names(headers)] if headers else []
    columns = _columns(islice(fitting, most), around.width, cells)
    unique = unique_names(names or [f"column {i + 1}" for i in range(around.width)])
    cells.frame = pd.DataFrame(dict(zip(unique, columns, strict=True)))
    cells.unnamed = frozenset(one for one, name in zip(unique, names, strict=False) if _is_unnamed(name))
    _note_frame(cells, around)
    return cells


def _fitting(rows: Iterator[tuple[int, Row]], around: Frame, cells: Cells) -> Iterator[tuple[int, Row]]:
    """Yields the rows of the table, the names of its columns among them, each with its number."""
    for number, row in islice(rows, around.before, None):
        # Empty cells at the end of a line are often left out, or too many.
        while len(row) > around.width and not row[-1].strip():
            row.pop()
        if len(row) == around.width:
            yield number, row
            continue
        reason = Message(
            N_("wrong number of fields: {got}, the others have {expected}."),
            params={"got": len(row), "expected": around.width},
        )
        cells.refuse(f"row {number}", reason)


def _columns(rows: Iterator[tuple[int, Row]], width: int, cells: Cells) -> list[pd.Series[Any]]:
    """Returns the columns of a table, packed block by block; totals at its end are refused."""
    blocks: list[list[pa.Array]] = [[] for _ in range(width)]
    waiting: list[tuple[int, Row]] = []

    def pack(count: int) -> None:
        taken = [row for _, row in waiting[:count]]
        del waiting[:count]
        for place, block in enumerate(blocks):
            block.append(pa.array([row[place] for row in taken], pa.large_string()))

    most = max(_TAIL + 1, _BLOCK_CELLS // max(1, width))
    for numbered in rows:
        waiting.append(numbered)
        if len(waiting) > most:
            pack(len(waiting) - _TAIL)
    while len(waiting) > 2 and is_total(waiting[-1][1]):
        cells.refuse(f"row {waiting.pop()[0]}", Message(N_("it sums up the rows above.")))
    pack(len(waiting))
    packed = [pa.chunked_array(block, pa.large_string()) for block in blocks]
    return [pd.Series(column, dtype=pd.ArrowDtype(pa.large_string())) for column in packed]


def _note_frame(cells: Cells, around: Frame) -> None:
    if around.before:
        cells.notes.append(
            Message(N_("lines before the table are left out: {count}."), params={"count": around.before})
        )
    if around.names > 1:
        cells.notes.append(
            Message(
                N_("several rows name the columns ({count}); their words are joined."),
                params={"count": around.names},
            )
        )
    if cells.delimiter == BLANKS:
        cells.notes.append(Message(N_("the cells are separated by blanks.")))


def unique_names(names: list[str]) -> list[str]:
    """Returns names of columns, each once: empty ones get a number, repeated ones another.

    Example:
        >>> unique_names(["a", "", "a"])
        ['a', 'column 2', 'a 2']
    """
    taken: set[str] = set()
    last: dict[str, int] = {}
    found = []
    for index, name in enumerate(names, start=1):
        stem = name or f"column {index}"
        unique = stem
        while unique in taken:
            # Never from the start again: a file of one name 20,000 times would take minutes.
            last[stem] = last.get(stem, 1) + 1
            unique = f"{stem} {last[stem]}"
        taken.add(unique)
        found.append(unique)
    return found
