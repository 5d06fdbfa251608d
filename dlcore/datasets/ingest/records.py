"""Tables from JSON: a list of records, one a line or all in one list, or columns by their names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson
import pyarrow as pa

from dlcore.datasets.ingest.proposal import clean_text
from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.translating import check_width, reading, too_large
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings

_BOM = b"\xef\xbb\xbf"
_BATCH = 10_000
_BATCH_BYTES = 8 * 2**20

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
    """Yields what is on the lines of a file, or in its list, and how many bytes it took."""
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


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "|".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
