"""The lines of a text that make a table: what parts the cells, which line names the columns, what is around them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dlcore.datasets.ingest.numerals import is_number

DELIMITERS = ("\t", "::", ",", ";", "|")
"""Of those that divide the lines equally well the first is meant: within cells there are no tabs."""

BLANKS = " "
"""Stands for cells that are parted by any number of blanks or tabs."""

DOUBLE, SINGLE = '"', "'"
_QUOTED = 0.9
"""The share of cells in single quotes from which these are no part of them."""

MOST_HEADERS = 3
_LOOKED_AT = 200
_EVERY = 0.98
"""The share of lines of one width from which a delimiter divides all of them; a few are damaged."""

_CELL = re.compile(r'"((?:[^"]|"")*)"|(\S+)')
_TOTALS = re.compile(
    r"^(grand )?(total|totals|sum|subtotal|average|mean|gesamt|gesamtsumme|summe|insgesamt|mittelwert|totale|somma|suma|"
    r"somme|moyenne|totaal|totalt|summa|итого|всего|合计|总计|小计|平均|合計|総計|總計|小計|합계|총계)\b[: ]*$",
    re.IGNORECASE,
)
_RULER = re.compile(r":?-{2,}:?|:-+:?|-+:|={2,}")
_FIRST_YEAR, _LAST_YEAR = 1800, 2100
_COUNTED = 4
"""Numbers that count up from which they are names, and no values that happen to."""

Row = list[str]


def parse_rows(lines: Iterable[str], delimiter: str, quote: str = DOUBLE) -> Iterator[Row]:
    """Returns the rows of a text.

    Args:
        lines: of it.
        delimiter: between the cells.
        quote: what may stand around a cell.

    Raises:
        csv.Error: a cell is too long.
    """
    if delimiter == BLANKS:
        return (_blank_parted(line) for line in lines)
    if len(delimiter) > 1:
        return (line.rstrip("\r\n").split(delimiter) if line.strip() else [] for line in lines)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote)


def quote_of(start: str, delimiter: str) -> str:
    r"""Returns what stands around the cells: single quotes if they do around almost all, else double ones.

    Example:
        >>> quote_of("a,b\n'1','x, y'\n'2','z'\n", ","), quote_of("a,b\n1,it's\n", ",")
        ("'", '"')
    """
    if len(delimiter) > 1 or delimiter == BLANKS:
        return DOUBLE
    cells = [cell for row in _first_rows(start, delimiter, SINGLE)[1:] for cell in row if cell]
    pattern = re.compile(
        rf"(?:^|{re.escape(delimiter)})'[^'\n]*'(?=\r?$|{re.escape(delimiter)})", re.MULTILINE
    )
    quoted = len(pattern.findall(start.partition("\n")[2]))
    return SINGLE if cells and quoted >= _QUOTED * len(cells) else DOUBLE


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
    best, delimiter, widest, evenly = 0.0, ",", 1, 0.0
    for candidate in DELIMITERS:
        widths = Counter(len(row) for row in _first_rows(start, candidate))
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        score = count / widths.total() * (width > 1) + min(width, 100) / 1e4
        if width > 1 and score > best:
            best, delimiter, widest, evenly = score, candidate, width, count / widths.total()
    rows = [row for row in _first_rows(start, BLANKS) if row]
    widths = Counter(map(len, rows))
    # Single blanks are also within the cells that something else separates: dates, thousands.
    lines = start.splitlines()
    aligned = sum("  " in line.strip() for line in lines) >= len(lines) / 2
    if evenly >= _EVERY and not aligned:
        return delimiter  # blanks are within its cells
    least = widest + 1 if aligned else 2 * widest
    if rows and (width := widths.most_common(1)[0][0]) >= least:
        even = widths[width] >= 0.95 * len(rows) and len(rows) > 1
        # Words of a sentence are parted by blanks, too; but they are no numbers.
        if even and sum(is_number(cell) for row in rows for cell in row) >= 0.3 * sum(map(len, rows)):
            return BLANKS
    return delimiter


def _first_rows(start: str, delimiter: str, quote: str = DOUBLE) -> list[Row]:
    lines = io.StringIO(start[: start.rfind("\n") + 1] or start, newline="")
    rows: list[Row] = []
    try:
        for row in parse_rows(lines, delimiter, quote):
            rows.append(row)
            if len(rows) == _LOOKED_AT:
                break
    except csv.Error:
        return rows
    return rows


def is_ruler(row: Row) -> bool:
    """Returns whether a row only divides the names of columns from the rows: `|---|:--:|`.

    Example:
        >>> is_ruler(["", " --- ", ":--:", ""]), is_ruler(["-", "-3"])
        (True, False)
    """
    cells = [cell.strip() for cell in row if cell.strip()]
    return bool(cells) and all(map(_RULER.fullmatch, cells))


def with_row_names(rows: Sequence[Row], header: bool | None) -> bool:
    """Returns whether the first row names all columns but the first, which R gives no name."""
    widths = {len(row) for row in rows[1:]}
    first = rows[0] if rows else []
    return header is not False and len(rows) > 2 and widths == {len(first) + 1} and _may_be_header(first)


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
    if len(rows) > 2 and _is_numbered(rows[0], rows[1:]):
        return 1
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


def _is_numbered(row: Row, rest: Sequence[Row]) -> bool:
    """Returns whether a row names columns by years or by counting: `Country,2019,2020` or `0,1,2,3`.

    Example:
        >>> _is_numbered(["land", "2019", "2020"], [["Peru", "7", "9"]]), _is_numbered(["0", "9"], [["1", "2"]])
        (True, False)
    """
    cells = [cell.strip() for cell in row]
    numbers = [int(cell) for cell in cells if cell.isdecimal() and cell.isascii() and len(cell) < 10]
    words = [(place, cell) for place, cell in enumerate(cells) if cell and not cell.isdecimal()]
    steps = {after - before for before, after in pairwise(numbers)}
    if not numbers or any(is_number(cell) for _, cell in words) or len(steps) > 1 or steps & {0}:
        return False
    # Words of a header are not below it again.
    if any(cell in {one[place].strip() for one in rest} for place, cell in words):
        return False
    if len(numbers) > 1 and all(_FIRST_YEAR <= one <= _LAST_YEAR for one in numbers):
        below = [one[place].strip() for one in rest for place, cell in enumerate(cells) if cell.isdecimal()]
        alike = sum(one.isdecimal() and _FIRST_YEAR <= int(one) <= _LAST_YEAR for one in below)
        return (bool(words) or len(numbers) >= _COUNTED) and alike <= len(below) / 2
    above = any(all(is_number(one[place].strip()) for one in rest) for place, _ in words)
    above = above or (not cells[0] and all(one[0].strip() for one in rest))  # an index has no name
    return numbers[0] in (0, 1) and steps <= {1} and (above or len(numbers) >= _COUNTED)


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
