"""Tables from JSON: a list of records, one a line or all in one list, or columns by their names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd

from dlcore.datasets.ingest.proposal import clean_text
from dlcore.datasets.ingest.sources import TableSource
from dlcore.datasets.ingest.translating import check_width, reading
from dlcore.errors import N_, DatasetError, Message
from dlcore.settings import Settings

if TYPE_CHECKING:
    from dlcore.datasets.ingest.cells import Cells


def read_records(source: TableSource, cells: Cells, settings: Settings, most: int | None) -> None:
    """Fills a table from JSON; a value that is a list or a record becomes its JSON text.

    Raises:
        DatasetError: it is no JSON, or holds no records.
    """
    data = source.read().removeprefix(b"\xef\xbb\xbf")
    records: list[dict[str, Any]] = []
    for place, found in enumerate(_found(data), start=1):
        if isinstance(found, dict):
            records.append(found)
        else:
            cells.refuse(f"row {place}", Message(N_("it is no record of names and values.")))
        if most is not None and len(records) >= most:
            break
    names = list(dict.fromkeys(name for record in records for name in record))
    check_width(len(names), settings)
    columns = {clean_text(name): [_text(record.get(name)) for record in records] for name in names}
    cells.frame, cells.encoding = pd.DataFrame(columns, dtype=object), ""


def _found(data: bytes) -> Iterator[Any]:
    lines = data.splitlines()
    first = next((line for line in lines if line.strip()), b"")
    if len(lines) > 1 and first.strip().startswith(b"{") and first.strip().endswith(b"}"):
        for line in lines:
            if line.strip():
                yield reading(lambda line=line: orjson.loads(line))  # type: ignore[misc]
        return
    whole = reading(lambda: orjson.loads(data))
    yield from _records(whole)


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
