"""What the readers of tables and arrays raise, translated where they are called, and limits that they share."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from typing import TypeVar

import pyarrow as pa

from dlcore.datasets.ingest.members import DAMAGE
from dlcore.datasets.ingest.proposal import clean_text
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings

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


def too_large(most: int) -> DatasetError:
    """Returns the error for a table of more bytes than `most`."""
    return DatasetError(
        N_("the table is larger than {limit} MB."),
        hint=N_("Store it as Parquet, or with fewer columns or rows."),
        limit=most // 2**20,
    )


def check_width(width: int, settings: Settings) -> None:
    """Refuses too many columns before anything is made of them.

    Raises:
        DatasetError: there are more than the settings allow.
    """
    if width > settings.max_columns:
        raise DatasetError(
            N_("the table has more than {limit} columns."),
            hint=N_("Leave some out."),
            limit=settings.max_columns,
        )


def reading_arrays(read: Callable[[], _Content]) -> _Content:
    """Calls a library's reader of arrays and translates its errors; `read` must do nothing else.

    Raises:
        DatasetError: the file is damaged, cannot be read, or holds what could run code.
    """
    try:
        return read()
    except (*DAMAGE, OSError, MemoryError, SyntaxError, UnicodeError) as error:
        if "allow_pickle" in str(error):
            raise DatasetError(
                N_("it holds pickled objects, which could run code and are never opened."),
                hint=N_("Save plain arrays with numpy.savez."),
            ) from error
        raise unreadable_arrays(str(error) or type(error).__name__) from error


def unreadable_arrays(reason: str) -> DatasetError:
    """Returns the error for arrays that a library cannot read."""
    return DatasetError(
        N_("the arrays cannot be read: {reason}."),
        hint=N_("Save them again with numpy.savez."),
        reason=clean_text(reason),
    )
