"""The lines of a text that make a table: what parts the cells, which line names the columns, what is around them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dlcore.datasets.ingest.numerals import is_number

DELIMITERS = (",", ";", "\t", "|")
BLANKS = " "
"""Stands for cells that are parted by any number of blanks or tabs."""

MOST_HEADERS = 3
_LOOKED_AT = 200
_CELL = re.compile(r'"((?:[^"]|"")*)"|(\S+)')
_TOTALS = re.compile(
    r"^(grand )?(total|totals|sum|subtotal|average|mean|合计|总计|小计|平均)\b[: ]*$", re.IGNORECASE
)

Row = list[str]


def parse_rows(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Returns the rows of a text.

    Raises:
        csv.Error: a cell is too long.
    """
    if delimiter == BLANKS:
        return (_blank_parted(line) for line in lines)
    return csv.reader(lines, delimiter=delimiter)


def _blank_parted(line: str) -> Row:
    return [quoted.replace('""', '"') or word for quoted, word in _CELL.findall(line)]


def delimiter_of(start: str) -> str:
    r"""Returns what most evenly divides the first lines; a comma if nothing does.

    Example:
        >>> delimiter_of("a;b,c;d\n1;2,5;3\n")
        ';'
        >>> delimiter_of('1.0   2\t"a b"\n3.5   4\t"c d"\n')
        ' '
    """
    best, delimiter, widest = 0.0, ",", 1
    for candidate in DELIMITERS:
        widths = Counter(len(row) for row in _first_rows(start, candidate))
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        score = count / widths.total() * (width > 1) + min(width, 100) / 1e4
        if width > 1 and score > best:
            best, delimiter, widest = score, candidate, width
    rows = [row for row in _first_rows(start, BLANKS) if row]
    widths = Counter(map(len, rows))
    # Single blanks are also within the cells that something else separates: dates, thousands.
    lines = start.splitlines()
    aligned = sum("  " in line.strip() for line in lines) >= len(lines) / 2
    least = widest + 1 if aligned else 2 * widest
    if rows and (width := widths.most_common(1)[0][0]) >= least:
        even = widths[width] >= 0.95 * len(rows) and len(rows) > 1
        # Words of a sentence are parted by blanks, too; but they are no numbers.
        if even and sum(is_number(cell) for row in rows for cell in row) >= 0.3 * sum(map(len, rows)):
            return BLANKS
    return delimiter


def _first_rows(start: str, delimiter: str) -> list[Row]:
    lines = io.StringIO(start[: start.rfind("\n") + 1] or start, newline="")
    rows: list[Row] = []
    try:
        for row in parse_rows(lines, delimiter):
            rows.append(row)
            if len(rows) == _LOOKED_AT:
                break
    except csv.Error:
        return rows
    return rows


@dataclass(frozen=True)
class Frame:
    """What is around the rows of a table.

    Attributes:
        width: how many cells a row has.
        before: how many rows stand before the table: a title, a note.
        names: how many rows name the columns.
    """

    width: int
    before: int
    names: int


def frame_of(rows: Sequence[Row], header: bool | None) -> Frame:
    """Returns where the table begins among the first rows, and how many of them name its columns.

    Args:
        rows: the first ones, none of them empty.
        header: whether a row names the columns, if that is known.
    """
    widths = Counter(map(len, rows))
    if not widths:
        return Frame(0, 0, 0)
    width = widths.most_common(1)[0][0]
    before = 0
    if width > 1:
        while before < len(rows) - 1 and _is_preamble(rows[before], rows[before + 1 :], width):
            before += 1
    table = [row for row in rows[before:] if len(row) == width]
    names = header_rows(table) if header is None else _more_headers(table) if header else 0
    return Frame(width, before, names)


def _is_preamble(row: Row, rest: Sequence[Row], width: int) -> bool:
    """Returns whether a row stands before the table: it has one cell where the others have more."""
    filled = sum(bool(cell.strip()) for cell in row)
    others = [sum(bool(cell.strip()) for cell in one) for one in rest]
    usual = Counter(others).most_common(1)[0][0]
    return filled <= 1 < usual and (len(row) != width or bool(row[0].strip()))


def header_rows(rows: Sequence[Row]) -> int:
    """Returns how many of the first rows name the columns: none of their cells is a number, unlike below.

    Example:
        >>> header_rows([["a", "b"], ["1", "x"]]), header_rows([["1", "x"], ["2", "y"]])
        (1, 0)
    """
    if len(rows) < 2 or not _may_be_header(rows[0]):
        return 0
    first, rest = [cell.strip() for cell in rows[0]], rows[1:]
    below = [{row[place].strip() for row in rest} - {""} for place in range(len(first))]
    numeric = any(any(is_number(cell) for cell in column) for column in below)
    named = [(cell, column) for cell, column in zip(first, below, strict=True) if cell and column]
    distinct = len({cell for cell, _ in named}) == len(named)
    if numeric or (distinct and all(cell not in column for cell, column in named)):
        return _more_headers(rows)
    return 0


def _may_be_header(row: Row) -> bool:
    cells = [cell.strip() for cell in row]
    return any(cells) and not any(is_number(cell) for cell in cells)


def _more_headers(rows: Sequence[Row]) -> int:
    """Returns how many rows name the columns where at least one does.

    A second one has words above numbers only.
    """
    count = 1
    while count < min(MOST_HEADERS, len(rows) - 2):
        row, rest = rows[count], rows[count + 1 :]
        numeric = [
            place
            for place in range(len(row))
            if sum(is_number(one[place].strip()) for one in rest) >= 0.9 * len(rest)
        ]
        words = [place for place in numeric if row[place].strip()]
        blank = [place for place in numeric if not row[place].strip()]
        is_header = numeric and not any(is_number(row[place].strip()) for place in words)
        if not is_header or not (words or (len(blank) == len(numeric) and any(cell.strip() for cell in row))):
            break
        count += 1
    return count


def column_names(headers: Sequence[Row]) -> list[str]:
    """Returns the names of columns that one or several rows name; empty ones stay empty.

    Example:
        >>> column_names([["Price", "Close", "High"], ["Ticker", "AAPL", "AAPL"], ["Date", "", ""]])
        ['Date', 'Close AAPL', 'High AAPL']
    """
    last = headers[-1]
    if len(headers) > 1 and not all(cell.strip() for cell in last):
        upper = column_names(headers[:-1])
        return [cell.strip() or above for cell, above in zip(last, upper, strict=True)]
    columns = zip(*headers, strict=True)
    return [" ".join(dict.fromkeys(cell.strip() for cell in column if cell.strip())) for column in columns]


def is_total(row: Row) -> bool:
    """Returns whether a row sums up those above it."""
    first = next((cell.strip() for cell in row if cell.strip()), "")
    return _TOTALS.match(first) is not None
