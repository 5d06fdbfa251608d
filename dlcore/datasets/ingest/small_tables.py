"""The rows of a small table that stands beside other files, whatever its format."""

from __future__ import annotations

import io
import json

from dlcore.datasets.ingest.cells import read_cells
from dlcore.datasets.ingest.listing import extension_of
from dlcore.datasets.ingest.proposal import Choices
from dlcore.datasets.ingest.sources import TEXT_ENDINGS, TableSource
from dlcore.errors import DatasetError
from dlcore.settings import Settings

_JSON = "json"
_LARGEST_JSON = 8 * 2**20


def small_table(name: str, data: bytes, settings: Settings) -> list[list[str]]:
    """Returns the rows of a table, its header first if it has one, all of the same width; none if it is no table.

    Args:
        name: of the file.
        data: its content.
        settings: limits.
    """
    if extension_of(name) == _JSON:
        return _json_rows(data)
    source = TableSource(name, len(data), lambda: io.BytesIO(data), settings.max_table_bytes)
    try:
        # Whether the first row is a header is told by the files that the others name.
        cells = read_cells(source, settings, Choices(header=False))
    except DatasetError:
        return []  # many files beside images have the ending of a table, and are none
    rows = [list(row) for row in cells.table.head(cells.table.rows)]
    if len(cells.table.names) == 1:
        rows = [row[0].split() for row in rows]  # `0.png cat`
        return rows if len(rows[0]) > 1 and len({len(row) for row in rows}) == 1 else []
    named = source.ending not in TEXT_ENDINGS and not cells.table.names[0].startswith("column ")
    return [cells.table.names, *rows] if named else rows


def _json_rows(data: bytes) -> list[list[str]]:
    """Returns the rows of `{"0.png": "cat"}` and of `[{"file": "0.png", "label": "cat"}]`; none of anything else."""
    try:
        content = json.loads(data) if len(data) <= _LARGEST_JSON else None
    except (ValueError, RecursionError):
        return []
    if isinstance(content, dict) and all(isinstance(value, str | int) for value in content.values()):
        return [["file", "label"], *([key, str(value)] for key, value in content.items())]
    if not isinstance(content, list) or not content or not all(isinstance(row, dict) for row in content):
        return []
    header = list(content[0])
    rows = [[row.get(name) for name in header] for row in content]
    if not all(isinstance(cell, str | int | float) for row in rows for cell in row):
        return []
    return [header, *(list(map(str, row)) for row in rows)] if len(header) > 1 else []
