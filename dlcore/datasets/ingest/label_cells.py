"""Cells that hold several labels: `red,round`, `red|round`, `["red", "round"]`, `[{"id": 1, "name": "red"}]`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

LIST = "[]"
"""Stands for cells written as a list in Python or JSON."""

RECORDS = "[{}]"
"""Stands for cells written as a list of records, each of which has a name."""

SEPARATORS = ("|", ";", ",", " ")
_LITERAL = re.compile(r"\[.*\]|\(.*\)|\{.*\}", re.DOTALL)
_RECORDS = re.compile(r"\[\s*(\{.*\}\s*)?\]", re.DOTALL)
_NAMED = re.compile(
    r"""['"](?:name|label|tag|title|value|text)['"]\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)"|([^,\s][^,]*)""")


def split_labels(cell: str, separator: str) -> tuple[str, ...]:
    """Returns the labels in a cell.

    Example:
        >>> split_labels("red, round", ","), split_labels("['red', 'round']", LIST)
        (('red', 'round'), ('red', 'round'))
        >>> split_labels('[{"id": 1, "name": "red"}, {"id": 7, "name": "round"}]', RECORDS)
        ('red', 'round')
    """
    if separator == RECORDS:
        return tuple(label for one, other in _NAMED.findall(cell) if (label := (one or other).strip()))
    if separator == LIST:
        found = _QUOTED.findall(cell.strip()[1:-1])
        return tuple(label for one in found if (label := next(filter(None, one), "").strip()))
    return tuple(label for part in cell.split(separator) if (label := part.strip()))


def label_separator(cells: Iterable[str], *, several: bool = False) -> str:
    """Returns what parts the labels in a column; empty where each cell is one class.

    Labels come back: there are fewer of them than different cells, and each is in several.

    Args:
        cells: all that are not empty.
        several: whether they are known to hold several labels.

    Example:
        >>> label_separator(["a", "b", "a,b", "b,c", "c"]), label_separator(["Doe, Jane", "Roe, Rick"])
        (',', '')
    """
    distinct = list(dict.fromkeys(cells))
    if distinct and all(_RECORDS.fullmatch(cell) for cell in distinct) and any(map(_NAMED.search, distinct)):
        return RECORDS
    if distinct and sum(_LITERAL.fullmatch(cell) is not None for cell in distinct) >= 0.9 * len(distinct):
        return LIST
    found = [one for one in SEPARATORS if any(one in cell.strip() for cell in distinct)]
    first = next((one for one in found if _come_back(distinct, one, several=several)), "")
    return first or (next(iter(found), "|") if several else "")


def _come_back(distinct: list[str], separator: str, *, several: bool) -> bool:
    if separator == "|":
        return True  # nobody writes a bar within a name
    counts = Counter(label for cell in distinct for label in set(split_labels(cell, separator)))
    if separator == " " and not several:
        # Blanks are within names, too: "dark red". Labels stand alone now and then.
        alone = counts.keys() & {cell.strip() for cell in distinct}
        if len(alone) < 0.8 * len(counts):
            return False
    return len(counts) < len(distinct) and sum(count > 1 for count in counts.values()) >= 0.8 * len(counts)
