"""Tables from files: rows of text, read without evaluating anything."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO, TypeVar

import charset_normalizer
import pandas as pd
import pyarrow as pa

from dlcore.datasets.ingest.members import DAMAGE
from dlcore.datasets.ingest.proposal import Choices, clean_text
from dlcore.datasets.stored import RefusedItem
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import JobUnit, Progress, no_progress
from dlcore.settings import Settings

ENDINGS = frozenset({"csv", "tsv", "tab", "txt", "data", "parquet", "xlsx"})
_HEAD = 2**18
"""Bytes that are looked at to tell encoding and delimiter."""
_DELIMITERS = (",", ";", "\t", "|")
_ZIP_MAGIC, _PARQUET_MAGIC = b"PK\x03\x04", b"PAR1"
_MOST_REFUSED = 1_000
_BATCH, _LINES = 65_536, 1_024
"""Rows of a Parquet file, and lines of text, from one report of progress to the next."""

_BROKEN = (*DAMAGE, pa.ArrowException, csv.Error, UnicodeError, LookupError, OSError)
_Content = TypeVar("_Content")


@dataclass
class Cells:
    """A table as text: every cell as it appears in the file, or a number or time that its format knows.

    Attributes:
        frame: columns by their names in the file.
        refused: rows that could not be read.
    """

    frame: pd.DataFrame
    delimiter: str = ""
    encoding: str = ""
    header: bool = True
    refused: list[RefusedItem] = field(default_factory=list)
    refused_count: int = 0


def read_cells(
    path: Path,
    settings: Settings,
    choices: Choices,
    *,
    most: int | None = None,
    progress: Progress = no_progress,
) -> Cells:
    """Returns the table in a file.

    Args:
        path: CSV, TSV, Parquet or XLSX; its first bytes decide which.
        settings: limits.
        choices: may name delimiter, encoding, and whether there is a header.
        most: read at most that many rows.
        progress: is told how many bytes are read.

    Raises:
        DatasetError: it is no table, or too large.
    """
    if path.stat().st_size > settings.max_table_bytes:
        raise _too_large(settings)
    head = _read(lambda: _beginning(path))
    if head.startswith(_PARQUET_MAGIC):
        cells = _parquet(path, settings, most, progress)
    elif head.startswith(_ZIP_MAGIC):
        cells = _sheet(path, settings, choices)
    else:
        cells = _text(path, head, settings, choices, most, progress)
    if not len(cells.frame.columns):
        raise DatasetError(N_("it contains no table."), hint=N_("Choose another file."))
    return cells


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _read(read: Callable[[], _Content]) -> _Content:
    """Calls a library's table reader and translates its errors; `read` must do nothing else."""
    try:
        return read()
    except MemoryError:  # pyarrow's is one of its own errors, too, and says nothing of the file
        raise
    except _BROKEN as error:
        raise _unreadable(error) from error


def _each(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yields the rows that a library reads; errors raised by the caller's loop are not translated."""
    try:
        yield from rows
    except _BROKEN as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> DatasetError:
    return DatasetError(
        N_("the table cannot be read: {reason}."),
        hint=N_("Save it as CSV in UTF-8, then try again."),
        reason=clean_text(str(error)) or type(error).__name__,
    )


def _too_large(settings: Settings) -> DatasetError:
    return DatasetError(
        N_("the table is larger than {limit} MB."),
        hint=N_("Store it as Parquet, or with fewer columns or rows."),
        limit=settings.max_table_bytes // 2**20,
    )


def _check_width(width: int, settings: Settings) -> None:
    """Refuses too many columns before anything is made of them."""
    if width > settings.max_columns:
        raise DatasetError(
            N_("the table has more than {limit} columns."),
            hint=N_("Leave some out."),
            limit=settings.max_columns,
        )


def _parquet(path: Path, settings: Settings, most: int | None, progress: Progress) -> Cells:
    import pyarrow.parquet as pq

    file = _read(lambda: pq.ParquetFile(path))
    # A column of one value repeated takes next to nothing in the file.
    if file.metadata.num_rows * file.metadata.num_columns * 8 > settings.max_table_bytes:
        raise _too_large(settings)
    _check_width(file.metadata.num_columns, settings)
    frame = _read(lambda: _rows(file, most, progress).to_pandas())
    frame.columns = unique_names([str(name) for name in frame.columns])
    return Cells(frame.reset_index(drop=True))


def _rows(file: Any, most: int | None, progress: Progress) -> pa.Table:
    whole, batches, rows = file.metadata.num_rows, [], 0
    for batch in file.iter_batches(batch_size=_BATCH if most is None else most):
        batches.append(batch)
        rows += batch.num_rows
        if most is not None:
            break
        progress(rows, whole, JobUnit.ROWS)
    return pa.Table.from_batches(batches, file.schema_arrow)


def _sheet(path: Path, settings: Settings, choices: Choices) -> Cells:
    """Returns the first sheet, with the cached results of formulas; none is evaluated."""
    from python_calamine import CalamineError, CalamineWorkbook

    def first_sheet() -> list[list[Any]]:
        try:
            return list(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())
        except CalamineError as error:
            raise ValueError(str(error)) from error

    with _read(lambda: zipfile.ZipFile(path)) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > settings.max_table_bytes:
        raise DatasetError(N_("the workbook is too large when unpacked."), hint=N_("Save the sheet as CSV."))
    rows = _read(first_sheet)
    width = max((len(row) for row in rows), default=0)
    _check_width(width, settings)
    texts = [["" if cell is None else _cell_text(cell) for cell in row] for row in rows]
    return _table(iter(texts), width, settings, choices)


def _cell_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat(sep=" ") if hasattr(cell, "hour") else str(cell)


def _text(
    path: Path, head: bytes, settings: Settings, choices: Choices, most: int | None, progress: Progress
) -> Cells:
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DatasetError(
            N_("this is not text, so it cannot be CSV."), hint=N_("Choose a CSV, TSV, Parquet or XLSX file.")
        )
    encoding = choices.encoding or encoding_of(head)
    start = _read(lambda: head.decode(encoding, errors="replace"))
    delimiter = choices.delimiter or delimiter_of(start)
    csv.field_size_limit(settings.max_cell_chars)
    with _read(lambda: path.open(encoding=encoding, errors="replace", newline="")) as file:
        lines = (line.replace("\0", "") for line in _watched(file, path.stat().st_size, progress))
        reader = _read(lambda: csv.reader(lines, delimiter=delimiter))
        width = _width(start, delimiter)
        cells = _table(_limited(_each(reader), most), width, settings, choices)
    cells.delimiter, cells.encoding = delimiter, encoding
    return cells


def _watched(file: TextIO, size: int, progress: Progress) -> Iterator[str]:
    """Yields the lines of a file, and reports progress now and then."""
    for number, line in enumerate(file):
        if number % _LINES == 0:
            progress(file.buffer.tell(), size, JobUnit.BYTES)
        yield line


def _limited(rows: Iterable[list[str]], most: int | None) -> Iterator[list[str]]:
    for count, row in enumerate(rows):
        if most is not None and count > most:
            return
        yield row


def encoding_of(head: bytes) -> str:
    """Returns the encoding of a text that begins so; UTF-8 unless it cannot be, then GBK if it can be."""
    marked = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    for strict, encoding in (("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("gb2312", "gb18030")):
        if encoding == "utf-16" and not marked:
            continue
        try:
            # The last few bytes may be the beginning of a character.
            head[: max(0, len(head) - 4)].decode(strict)
            return encoding
        except UnicodeDecodeError:
            continue
    found = charset_normalizer.from_bytes(head[:65_536]).best()
    return found.encoding if found is not None else "latin-1"


def delimiter_of(start: str) -> str:
    r"""Returns what most evenly divides the first lines; a comma if nothing does.

    Example:
        >>> delimiter_of("a;b,c;d\n1;2,5;3\n")
        ';'
    """
    best, delimiter = 0.0, ","
    for candidate in _DELIMITERS:
        widths = Counter(len(row) for row in _first_rows(start, candidate))
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        score = count / widths.total() * (width > 1) + min(width, 100) / 1e4
        if width > 1 and score > best:
            best, delimiter = score, candidate
    return delimiter


def _first_rows(start: str, delimiter: str) -> list[list[str]]:
    lines = io.StringIO(start[: start.rfind("\n") + 1] or start, newline="")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            rows.append(row)
            if len(rows) == 100:
                break
    except csv.Error:
        return rows
    return rows


def _width(start: str, delimiter: str) -> int:
    """Returns how many fields a row has: as many as most of the first ones."""
    widths = Counter(len(row) for row in _first_rows(start, delimiter) if row)
    return widths.most_common(1)[0][0] if widths else 0


def _table(rows: Iterator[list[str]], width: int, settings: Settings, choices: Choices) -> Cells:
    """Rows made into columns; those with another number of fields are refused one by one."""
    _check_width(width, settings)
    cells = Cells(pd.DataFrame())
    kept: list[list[str]] = []
    for number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != width:
            cells.refused_count += 1
            if len(cells.refused) < _MOST_REFUSED:
                reason = Message(
                    N_("wrong number of fields: {got}, the others have {expected}."),
                    params={"got": len(row), "expected": width},
                )
                cells.refused.append(RefusedItem(f"row {number}", reason))
            continue
        kept.append(row)
    cells.header = choices.header if choices.header is not None else has_header(kept[:200])
    names = kept.pop(0) if cells.header and kept else [f"column {i + 1}" for i in range(width)]
    columns = zip(*kept, strict=True) if kept else ([] for _ in range(width))
    data = {i: list(column) for i, column in enumerate(columns)}
    cells.frame = pd.DataFrame(data, dtype=object)
    cells.frame.columns = unique_names([clean_text(name.strip()) for name in names])
    return cells


def has_header(rows: list[list[str]]) -> bool:
    """Returns whether the first row names the columns: no number in it, and none twice,
    unlike what is below.
    """
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0]]
    if any(_is_number(cell) for cell in first) or len(set(first)) < len(first) or "" in first[1:]:
        return False
    rest = rows[1:]
    if not rest:
        return False
    below = [{row[i].strip() for row in rest} for i in range(len(first))]
    numeric = any(any(_is_number(cell) for cell in column) for column in below)
    return numeric or all(cell not in column for cell, column in zip(first, below, strict=True))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


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
