"""The rows of a delimited text: cell by cell as CSV wants it, many at once where nothing is quoted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from dlcore.datasets.ingest.delimited import BLANKS, DOUBLE, Row, parse_rows
from dlcore.records import JobUnit, Progress

CHUNK = 2**20
"""Characters that are made into cells at once."""

TAIL = 8
"""Rows at the end of a table that may sum it up."""

_LINES = 1_024
"""Lines of text from one report of progress to the next."""

Numbered = tuple[int, Row]
"""A row and its number in the file."""


@dataclass(frozen=True)
class PackedRows:
    """Some rows of a table, none of them empty or of another width.

    Attributes:
        columns: their cells.
    """

    columns: tuple[pa.Array, ...]


class TextLines:
    """The lines of a text without NUL characters; reports how far it is, and counts what could not be decoded.

    Args:
        file: opened with `newline=""`.
        size: of the file in bytes.
        progress: is told how much is read.
    """

    def __init__(self, file: TextIO, size: int, progress: Progress) -> None:
        self._file, self._size, self._progress = file, size, progress
        self._ahead: TextIO = io.StringIO()
        self._taken = self._lines = 0
        self.replaced = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.readline() or self._file.readline()
        if not line:
            raise StopIteration
        return self._counted(line)

    def chunk(self) -> tuple[str, bool]:
        """Returns many whole lines as they are, and whether they may be the last; those are more than a tail."""
        text, ahead = self._ahead.read() or self._take(), self._take()
        if ahead.count("\n") < TAIL:
            text, ahead = text + ahead, ""
        self._ahead = io.StringIO(ahead, newline="")
        return text, not ahead

    def skip(self, text: str, lines: int) -> None:
        """Notes that lines of a chunk have been read."""
        self._taken, self._lines = self._taken + len(text), self._lines + lines
        self._progress(min(self._taken, self._size), self._size, JobUnit.BYTES)

    def each(self, chunk: Iterable[str]) -> Iterator[str]:
        """Yields the lines of a chunk one by one."""
        return map(self._counted, chunk)

    def _take(self) -> str:
        text = self._file.read(CHUNK)
        return text if not text or text.endswith("\n") else text + self._file.readline()

    def _counted(self, line: str) -> str:
        if self._lines % _LINES == 0:
            self._progress(min(self._taken, self._size), self._size, JobUnit.BYTES)
        self._taken, self._lines = self._taken + len(line), self._lines + 1
        self.replaced += line.count("\ufffd")
        return line.replace("\0", "")


class TextRows:
    """The rows of a text, each with its number; once the width of the table is known, many at once where possible.

    Args:
        lines: the text.
        delimiter: between the cells.
        quote: what may stand around a cell.

    Attributes:
        width: how many cells a row of the table has; 0 where rows are wanted one by one.
    """

    def __init__(self, lines: TextLines, delimiter: str, quote: str) -> None:
        self._lines, self._delimiter, self._quote = lines, delimiter, quote
        self.width = 0

    def __iter__(self) -> Iterator[Numbered | PackedRows]:
        number = 0
        for row in parse_rows(self._lines, self._delimiter, self._quote):
            number += 1
            yield number, row
            if self.width and self._can_pack():
                break
        else:
            return
        while True:
            text, may_be_last = self._lines.chunk()
            if not text:
                return
            # The last rows may sum up the table, so they are looked at one by one.
            if not may_be_last and (packed := _packed(text, self._delimiter, self.width)) is not None:
                self._lines.skip(text, count := text.count("\n"))
                number += count
                yield packed
                continue
            for row in self._one_by_one(text):
                number += 1
                yield number, row

    def _can_pack(self) -> bool:
        plain = self._delimiter != BLANKS and len(self._delimiter) == 1 and self._quote == DOUBLE
        return plain and self._delimiter.isascii()

    def _one_by_one(self, text: str) -> Iterator[Row]:
        """Yields the rows of some lines; the last one may go on in the lines behind them."""
        own = io.StringIO(text, newline="")
        rows = parse_rows(chain(self._lines.each(own), self._lines), self._delimiter, self._quote)
        while own.tell() < len(text):
            yield next(rows)


def _packed(text: str, delimiter: str, width: int) -> PackedRows | None:
    """Returns the rows of lines in which nothing is quoted or strange; None where they must be read one by one."""
    text = text.replace("\r\n", "\n")
    if any(sign in text for sign in '"\r\0\ufffd'):
        return None
    unfit = []

    def skip(row: pa.csv.InvalidRow) -> str:
        unfit.append(row.actual_columns)
        return "skip"

    data = text.encode()
    names = [str(place) for place in range(width)]
    table = pa.csv.read_csv(
        pa.BufferReader(data),
        pa.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        pa.csv.ParseOptions(delimiter=delimiter, quote_char=False, invalid_row_handler=skip),
        pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string()), check_utf8=False),
    )
    columns = tuple(column.combine_chunks() for column in table.columns)
    longest = max(pc.max(pc.binary_length(column)).as_py() or 0 for column in columns)
    if unfit or longest > csv.field_size_limit():
        return None
    says = _says(columns[0])
    if pc.all(says).as_py():
        return PackedRows(columns)
    for column in columns[1:]:
        says = pc.or_(says, _says(column))
    return PackedRows(tuple(column.filter(says) for column in columns))


def _says(column: pa.Array) -> pa.Array:
    return pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0)
