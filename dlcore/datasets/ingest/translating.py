"""What the readers of tables raise, translated where they are called."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from typing import TypeVar

import pyarrow as pa

from dlcore.datasets.ingest.members import DAMAGE
from dlcore.datasets.ingest.proposal import clean_text
from dlcore.errors import N_, DatasetError

_Content = TypeVar("_Content")

DAMAGE_OF_TABLES = (
    *DAMAGE, pa.ArrowException, csv.Error, sqlite3.Error, UnicodeError, LookupError, OSError,
)  # fmt: skip


def reading(read: Callable[[], _Content]) -> _Content:
    """Calls a library's table reader and translates its errors; `read` must do nothing else.

    Raises:
        DatasetError: the file is damaged, or cannot be read.
    """
    try:
        return read()
    except MemoryError:  # pyarrow's is one of its own errors, too, and says nothing of the file
        raise
    except DAMAGE_OF_TABLES as error:
        raise unreadable(error) from error


def unreadable(error: Exception) -> DatasetError:
    """Returns the error for a table that a library cannot read."""
    return DatasetError(
        N_("the table cannot be read: {reason}."),
        hint=N_("Save it as CSV in UTF-8, then try again."),
        reason=clean_text(str(error)) or type(error).__name__,
    )
