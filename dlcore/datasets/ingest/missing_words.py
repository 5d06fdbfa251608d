"""What stands in a cell for a value that is missing: usual words, and those that the user names."""

from __future__ import annotations

import math

from dlcore.datasets.ingest.numerals import parse_plain
from dlcore.datasets.ingest.proposal import Choices
from dlcore.spec.data import ColumnType

NOTHING_WRITTEN = frozenset({"", "nan", "null", "#n/a", "<na>", "nat"})
"""Cells that say nothing in any column: what programs write for a missing value."""

NO_NUMBER = NOTHING_WRITTEN | {
    "na",
    "n/a",
    "none",
    "?",
    "-",
    "--",
    "nil",
    ".",
    "..",
    "#value!",
    "#div/0!",
    "#ref!",
}
"""Cells that say nothing in a column of numbers or times; elsewhere they may be the name of a class."""


def missing_words(type_: ColumnType, choices: Choices) -> frozenset[str]:
    """Returns the cells that say nothing in a column of that type, in lower case."""
    words = {word.strip().lower() for word in choices.missing}
    if type_ not in (ColumnType.NUMBER, ColumnType.TIME):
        return NOTHING_WRITTEN | words
    decimals = {f"{number:.{places}f}" for number in missing_numbers(choices) for places in range(4)}
    return NO_NUMBER | words | decimals | {text.replace(".", ",") for text in decimals}


def missing_numbers(choices: Choices) -> list[float]:
    """Returns the numbers that stand for missing ones."""
    numbers: list[float] = parse_plain(choices.missing).tolist()
    return [number for number in numbers if math.isfinite(number)]
