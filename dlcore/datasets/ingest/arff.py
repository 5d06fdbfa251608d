"""Tables of Weka: names and categories declared first, then rows like those of a CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

_ATTRIBUTE = re.compile(r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)\s+(.+)""", re.IGNORECASE)
_SPARSE = re.compile(r"\{.*\}")


def arff_rows(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yields the names of the columns, then the rows; a cell that is unknown is empty.

    Raises:
        ValueError: no columns are declared, or a row is sparse.
    """
    names: list[str] = []
    found = iter(lines)
    for line in found:
        text = line.strip()
        if match := _ATTRIBUTE.match(text):
            names.append(match[1].strip("'\""))
        elif text.lower().startswith("@data"):
            break
    if not names:
        raise ValueError("no @attribute before @data")
    yield names
    rows = (line for line in found if line.strip() and not line.lstrip().startswith("%"))
    for row in csv.reader(rows, quotechar="'", escapechar="\\", skipinitialspace=True):
        if row and _SPARSE.fullmatch(",".join(row).strip()):
            raise ValueError("sparse rows are not read")
        yield ["" if cell.strip() == "?" else cell.strip().strip('"') for cell in row]
