"""Tables from JSON: a list of records, one a line or all in one list, or columns by their names."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import orjson
import pyarrow as pa

from dlcore.datasets.ingest.proposal import clean_text
from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.translating import check_width, reading, too_large, unreadable
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings

_BOM = b"\xef\xbb\xbf"
_BATCH = 10_000
_BATCH_BYTES = 8 * 2**20
_CHUNK, _CUT = 2**20, 16
"""Characters that are read at once, and how far before their end an element that is cut off may seem to be wrong."""

_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODE = json.JSONDecoder().raw_decode

if TYPE_CHECKING:
    from dlcore.datasets.ingest.cells import Cells


def read_records(
    source: TableSource, cells: Cells, settings: Settings, most: int | None, progress: Progress
) -> None:
    """Fills a table from JSON; a value that is a list or a record becomes its JSON text.

    Raises:
        DatasetError: it is no JSON, or holds no records.
    """
    waiting: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    size = taken = 0
    for place, (found, length) in enumerate(_found(source), start=1):
        if isinstance(found, dict):
            waiting.append(found)
            names |= dict.fromkeys(found)
            check_width(len(names), settings)
        else:
            cells.refuse(f"row {place}", Message(N_("it is no record of names and values.")))
        size, taken = size + length, taken + length
        if len(waiting) == _BATCH or size >= _BATCH_BYTES:
            _add(cells, waiting, names)
            progress(min(taken, source.size), source.size, JobUnit.BYTES)
            size = 0
        if most is not None and cells.table.rows + len(waiting) >= most:
            break
    _add(cells, waiting, names)


def _add(cells: Cells, records: list[dict[str, Any]], names: Iterable[str]) -> None:
    """Moves records to the table."""
    columns = {clean_text(name): [_text(record.get(name)) for record in records] for name in names}
    cells.table.add({name: pa.array(column, pa.large_string()) for name, column in columns.items()})
    records.clear()


def _found(source: TableSource) -> Iterator[tuple[Any, int]]:
    """Yields what is on the lines of a file, or in its list, and about how many bytes it took."""
    if reading(lambda: next(source.blocks(), b"")).removeprefix(_BOM).lstrip().startswith(b"["):
        yield from _listed(source)
        return
    with source.open() as file:
        lines = _lines(file, source.most)
        first = reading(lambda: next((line for line in lines if line.strip()), b"")).removeprefix(_BOM)
        second = reading(lambda: next((line for line in lines if line.strip()), b""))
        if second and first.strip().startswith(b"{") and first.strip().endswith(b"}"):
            for line in chain((first, second), lines):
                if line.strip():
                    yield reading(partial(orjson.loads, line)), len(line)
            return
    data = source.read().removeprefix(_BOM)
    yield from ((record, 0) for record in _records(reading(lambda: orjson.loads(data))))


def _listed(source: TableSource) -> Iterator[tuple[Any, int]]:
    """Yields the elements of a list; no more of it is in memory than a block, or the longest of them.

    Raises:
        DatasetError: it is no JSON, or larger than a table may be.
    """
    with source.open() as raw, io.TextIOWrapper(raw, "utf-8-sig") as file:
        text = _Text(file, source.most)
        wanted: str | None = "["
        while (sign := text.sign()) and wanted is not None:
            if sign in wanted:
                wanted = {"[": "]", ",": "", "]": None}[sign]
                text.at += 1
                continue
            if wanted not in ("", "]"):
                raise unreadable(ValueError(f"expected {' or '.join(wanted)} between records"))
            yield text.element()
            wanted = ",]"
        if sign or wanted is not None:
            raise unreadable(ValueError("the list does not end where the file does"))


class _Text:
    """A piece of a JSON text that is read on as it is needed.

    Args:
        file: it.
        most: how many characters it may have.

    Attributes:
        at: how much of the piece is behind.
    """

    def __init__(self, file: TextIO, most: int) -> None:
        self._file, self._most, self._taken = file, most, 0
        self._piece, self.at = "", 0

    def sign(self) -> str:
        """Returns the next character that is not blank; empty: there is none."""
        while True:
            blanks = _BLANKS.match(self._piece, self.at)
            self.at = blanks.end() if blanks else self.at
            if self.at < len(self._piece):
                return self._piece[self.at]
            if not self._read_on(_CHUNK):
                return ""

    def element(self) -> tuple[Any, int]:
        """Returns what begins at the next character, and how long it is; goes behind it."""
        while True:
            try:
                found, end = _DECODE(self._piece, self.at)
            except json.JSONDecodeError as error:
                cut = "Unterminated" in error.msg or error.pos > len(self._piece) - _CUT
                # Twice as much each time, so that a long element is not read again and again.
                if cut and self._read_on(max(_CHUNK, len(self._piece) - self.at)):
                    continue
                raise unreadable(error) from error
            except RecursionError as error:
                raise unreadable(ValueError("it is nested too deeply")) from error
            # A number at the end of the piece may go on behind it: `-2` with `.5`, `1.` with `5`.
            left = len(self._piece) - end
            goes_on = not left or (left < _CUT and self._piece[end] in ".eE")
            if goes_on and self._read_on(_CHUNK):
                continue
            length, self.at = end - self.at, end
            return found, length

    def _read_on(self, size: int) -> bool:
        more = reading(lambda: self._file.read(size))
        self._taken += len(more)
        if self._taken > self._most:
            raise too_large(self._most)
        self._piece, self.at = self._piece[self.at :] + more, 0
        return bool(more)


def _lines(file: BinaryIO, most: int) -> Iterator[bytes]:
    """Yields the lines of a file.

    Raises:
        DatasetError: they are more than a table may have.
    """
    taken = 0
    while line := reading(lambda: file.readline(most + 1)):
        taken += len(line)
        if taken > most:
            raise too_large(most)
        yield line


def _records(whole: Any) -> list[Any]:
    if isinstance(whole, list):
        return whole
    if isinstance(whole, dict):
        if (rows := _of_pandas(whole)) is not None:
            return rows
        lists = [value for value in whole.values() if isinstance(value, list)]
        if (
            lists
            and all(isinstance(value, list) for value in whole.values())
            and len({len(v) for v in lists}) == 1
        ):
            return [dict(zip(whole, row, strict=True)) for row in zip(*whole.values(), strict=True)]
        nested = [value for value in lists if value and isinstance(value[0], dict)]
        if len(nested) == 1:
            return nested[0]
    raise DatasetError(
        N_("this JSON holds no list of records."),
        hint=N_("Save one record a line, or a list of records with the same names."),
    )


def _of_pandas(whole: dict[str, Any]) -> list[Any] | None:
    """Returns the rows that `DataFrame.to_json` has written by columns, or as columns, index and data."""
    columns, data = whole.get("columns"), whole.get("data")
    if (
        isinstance(columns, list)
        and isinstance(data, list)
        and set(whole) <= {"columns", "index", "data", "schema"}
    ):
        if all(isinstance(row, list) and len(row) == len(columns) for row in data):
            return [dict(zip(map(str, columns), row, strict=True)) for row in data]
        return None
    values = list(whole.values())
    if len(values) < 2 or not all(isinstance(one, dict) and one.keys() == values[0].keys() for one in values):
        return None
    if not values[0] or any(isinstance(cell, dict | list) for one in values for cell in one.values()):
        return None
    # By columns the keys within are those of rows: they count, or there are more of them than columns.
    counted = all(str(key).isdecimal() for key in values[0])
    if counted or len(values[0]) > len(whole):
        return [
            dict(zip(whole, row, strict=True)) for row in zip(*(one.values() for one in values), strict=True)
        ]
    return values


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "|".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
