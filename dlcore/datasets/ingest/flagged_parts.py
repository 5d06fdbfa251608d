"""Columns such as `is_test`, which say of each row whether it is of a part."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dlcore.datasets.ingest.cell_table import CellTable
from dlcore.datasets.ingest.part_words import PART_COLUMN, part_of
from dlcore.datasets.ingest.proposal import Choices
from dlcore.datasets.samples import TEST, TRAIN
from dlcore.errors import N_, Message

_NAME = re.compile(r"(is|in|for)[_ ]?(?P<part>[a-z]+)([_ ]?set)?", re.IGNORECASE)
_YES = frozenset({"1", "1.0", "true", "yes", "t", "y"})
_NO = frozenset({"0", "0.0", "false", "no", "f", "n"})


def flags_as_parts(table: CellTable, choices: Choices) -> Message | None:
    """Replaces a column such as `is_test` by one of parts; returns a note of it, if there is such.

    One that the choices name stays what it is.
    """
    if PART_COLUMN in table.names:
        return None
    for name in table.names:
        found = _NAME.fullmatch(name)
        part = part_of(found["part"]) if found else None
        if part is None or name in choices.roles or name in choices.types or not _are_flags(table, name):
            continue
        other = TEST if part == TRAIN else TRAIN
        table.put_first(PART_COLUMN, _parts(table, name, part, other))
        table.drop(name)
        return Message(
            N_("column {column} tells the parts: {part} where it is true, else {other}."),
            params={"column": name, "part": Message(part), "other": Message(other)},
        )
    return None


def _are_flags(table: CellTable, name: str) -> bool:
    blocks = table.column(name).blocks()
    said = {text.lower() for block in blocks for text in block.texts}
    return len(said) == 2 and bool(said & _YES) and bool(said & _NO)


def _parts(table: CellTable, name: str, part: str, other: str) -> Iterator[pa.Array]:
    for block in table.column(name).blocks():
        names = np.array(
            [*(part if text.lower() in _YES else other for text in block.texts), ""], dtype=object
        )
        yield pa.array(names[block.codes], pa.large_string())
