"""Tables from files: rows of text, read without evaluating anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import TypeVar

import pyarrow as pa

from dlcore.datasets.ingest.arff import arff_rows
from dlcore.datasets.ingest.cell_table import CellForm, CellTable
from dlcore.datasets.ingest.databases import (
    SQLITE_MAGIC,
    STATISTICS_ENDINGS,
    read_database,
    read_stata,
    read_statistics,
)
from dlcore.datasets.ingest.delimited import (
    BLANKS,
    Frame,
    column_names,
    delimiter_of,
    frame_of,
    is_ruler,
    is_total,
    quote_of,
    with_row_names,
)
from dlcore.datasets.ingest.encodings import encoding_of, unmarked_utf_16
from dlcore.datasets.ingest.proposal import Choices, clean_text
from dlcore.datasets.ingest.records import read_records
from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.text_rows import TAIL, Numbered, PackedRows, TextLines, TextRows
from dlcore.datasets.ingest.translating import DAMAGE_OF_TABLES, check_width, reading, too_large, unreadable
from dlcore.datasets.ingest.workbooks import WORKBOOK_MAGIC, read_feather, read_parquet, read_sheet
from dlcore.datasets.stored import RefusedItem
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import Progress, no_progress
from dlcore.settings import Settings

_HEAD = 2**18
"""Bytes that are looked at to tell the delimiter."""
_FIRST_ROWS = 200
"""Rows that are looked at to find where the table begins."""
_PARQUET_MAGIC, _FEATHER_MAGIC = b"PAR1", b"ARROW1"
_MOST_REFUSED = 1_000
_BLOCK_CELLS = 200_000
"""Cells that are held as Python's texts, which take four times the room, before they are packed."""
_JSON = frozenset({"json", "jsonl", "ndjson"})

Rows = Iterator[Numbered | PackedRows]


@dataclass
class Cells:
    """A table as text: every cell as it appears in the file, or a number or time that its format knows.

    Attributes:
        table: columns by their names in the file.
        unnamed: those that the file gives no name.
        refused: rows that could not be read.
        notes: what was assumed, and what was left out.
        replaced: characters that could not be decoded.
        name: of the file.
        others: tables beside it that hold something else.
    """

    table: CellTable
    delimiter: str = ""
    encoding: str = ""
    header: bool = True
    unnamed: frozenset[str] = frozenset()
    refused: list[RefusedItem] = field(default_factory=list)
    refused_count: int = 0
    notes: list[Message] = field(default_factory=list)
    replaced: int = 0
    name: str = ""
    others: list[str] = field(default_factory=list)

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
    cells = Cells(CellTable(settings), name=source.name)
    if head.startswith(_PARQUET_MAGIC):
        _typed(cells, read_parquet(source, settings, most, progress))
    elif head.startswith(_FEATHER_MAGIC):
        _typed(cells, read_feather(source, settings, most, progress))
    elif head.startswith(WORKBOOK_MAGIC):
        _fill(cells, read_sheet(source, settings, cells.notes), settings, choices, most)
    elif head.startswith(SQLITE_MAGIC):
        _typed(cells, read_database(source, settings, most, cells.notes, progress))
    elif source.ending == "dta":
        _typed(cells, read_stata(source, settings, most, progress))
    elif source.ending in STATISTICS_ENDINGS:
        _typed(cells, read_statistics(source, settings, most, progress))
    elif source.ending in _JSON:
        read_records(source, cells, settings, most, progress)
    else:
        _text(source, head, cells, settings, choices, most, progress)
    _drop_empty(cells, keep={*choices.roles, *choices.types})
    if not cells.table.names:
        raise DatasetError(N_("it contains no table."), hint=N_("Choose another file."))
    return cells


def _typed(cells: Cells, batches: Iterator[pa.RecordBatch]) -> None:
    for batch in batches:
        names = [clean_text(name) for name in batch.schema.names]
        unique = unique_names(names)
        cells.unnamed = frozenset(new for new, name in zip(unique, names, strict=True) if _is_unnamed(name))
        cells.table.add(dict(zip(unique, batch.columns, strict=True)))


def _is_unnamed(name: str) -> bool:
    return not name or name.startswith(("Unnamed:", "__index_level_"))


def _drop_empty(cells: Cells, keep: set[str]) -> None:
    """Leaves out columns that hold nothing at all, but for those that are named in the choices."""
    table = cells.table
    if not table.rows:
        return
    empty = [
        column.name
        for column in table.columns()
        if column.name not in keep
        and column.form is not CellForm.NUMBER
        and not any(any(block.texts) for block in column.blocks())
    ]
    for name in empty:
        table.drop(name)
    if empty:
        cells.notes.append(
            Message(N_("empty columns are left out: {names}."), params={"names": ", ".join(empty[:9])})
        )


def _text(
    source: TableSource,
    head: bytes,
    cells: Cells,
    settings: Settings,
    choices: Choices,
    most: int | None,
    progress: Progress,
) -> None:
    head = head[:_HEAD]
    marked = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in head and not (marked or choices.encoding or unmarked_utf_16(head)):
        raise DatasetError(
            N_("this is not text, so it cannot be CSV."), hint=N_("Choose a CSV, TSV, Parquet or XLSX file.")
        )
    cells.encoding = choices.encoding or reading(lambda: encoding_of(source.blocks))
    start = reading(lambda: head.decode(cells.encoding, errors="replace"))
    csv.field_size_limit(settings.max_cell_chars)
    with _lines(source, cells, progress) as lines:
        if source.ending == "arff":
            declared = enumerate(_each(arff_rows(lines)), start=1)
            _fill(cells, declared, settings, replace(choices, header=True), most)
        else:
            cells.delimiter = choices.delimiter or delimiter_of(start)
            rows = TextRows(lines, cells.delimiter, quote_of(start, cells.delimiter))
            _fill(cells, _each(iter(rows)), settings, choices, most, rows)
    cells.replaced = lines.replaced


@contextmanager
def _lines(source: TableSource, cells: Cells, progress: Progress) -> Iterator[TextLines]:
    with source.open() as raw, io.TextIOWrapper(raw, cells.encoding, errors="replace", newline="") as file:
        yield TextLines(file, source.size, progress)


_Row = TypeVar("_Row")


def _each(rows: Iterator[_Row]) -> Iterator[_Row]:
    """Yields the rows that a library reads; errors raised by the caller's loop are not translated."""
    try:
        yield from rows
    except DAMAGE_OF_TABLES as error:
        raise unreadable(error) from error


def _fill(
    cells: Cells,
    rows: Rows,
    settings: Settings,
    choices: Choices,
    most: int | None,
    text: TextRows | None = None,
) -> None:
    """Makes columns of rows; those with another number of cells are refused one by one.

    Args:
        cells: get them.
        rows: with their numbers.
        settings: limits.
        choices: may say whether there is a header.
        most: take at most that many rows.
        text: where the rows come from, if that can give many of them at once.
    """
    filled = (one for one in rows if isinstance(one, PackedRows) or any(cell.strip() for cell in one[1]))
    first = [one for one in islice(filled, _FIRST_ROWS) if not isinstance(one, PackedRows)]
    first = [one for one in first if not is_ruler(one[1])]
    if with_row_names([row for _, row in first], choices.header):
        first[0] = (first[0][0], ["", *first[0][1]])
    around = frame_of([row for _, row in first], choices.header)
    check_width(around.width, settings)
    if text is not None and most is None:
        text.width = around.width
    fitting = _fitting(chain(first, filled), around, cells)
    cells.header = around.names > 0
    headers = [one[1] for one in islice(fitting, around.names) if not isinstance(one, PackedRows)]
    names = [clean_text(name) for name in column_names(headers)] if headers else []
    unique = unique_names(_unquoted(names) or [f"column {i + 1}" for i in range(around.width)])
    cells.unnamed = frozenset(one for one, name in zip(unique, names, strict=False) if _is_unnamed(name))
    cells.table.add({name: pa.array([], pa.large_string()) for name in unique})
    _pack(islice(fitting, most), unique, cells)
    _note_frame(cells, around)


def _fitting(rows: Rows, around: Frame, cells: Cells) -> Rows:
    """Yields the rows of the table, the names of its columns among them, each with its number."""
    for one in islice(rows, around.before, None):
        if isinstance(one, PackedRows):
            yield one
            continue
        number, row = one
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


def _pack(rows: Rows, names: list[str], cells: Cells) -> None:
    """Adds rows to the table, block by block; totals at its end are refused."""
    waiting: list[Numbered] = []

    def pack(count: int) -> None:
        taken = [row for _, row in waiting[:count]]
        del waiting[:count]
        arrays = (pa.array([row[place] for row in taken], pa.large_string()) for place in range(len(names)))
        cells.table.add(dict(zip(names, arrays, strict=True)))

    most = max(TAIL + 1, _BLOCK_CELLS // max(1, len(names)))
    for one in rows:
        if isinstance(one, PackedRows):
            pack(len(waiting))
            cells.table.add(dict(zip(names, one.columns, strict=True)))
            continue
        waiting.append(one)
        if len(waiting) > most:
            pack(len(waiting) - TAIL)
    while len(waiting) > 2 and is_total(waiting[-1][1]):
        cells.refuse(f"row {waiting.pop()[0]}", Message(N_("it sums up the rows above.")))
    pack(len(waiting))


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


def _unquoted(names: list[str]) -> list[str]:
    """Returns names without the single quotes that stand around all of them.

    Example:
        >>> _unquoted(["'age'", "'vote'"]), _unquoted(["'age'", "vote"])
        (['age', 'vote'], ["'age'", 'vote'])
    """
    quoted = all(len(name) > 1 and name[0] == name[-1] == "'" for name in names)
    return [name[1:-1] for name in names] if quoted else names


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
