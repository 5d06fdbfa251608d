"""What is done to an SQLite file as a whole, beside those that work in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

FOLD_SECONDS = 1.0
"""How long the folding waits for others to finish what they are reading or writing."""


def is_damage(cause: str) -> bool:
    """Returns whether these words of SQLite say that a file is damaged, so that trying again is of no use."""
    return any(word in cause for word in ("malformed", "not a database", "Could not decode", "corrupt"))


def find_damage(path: Path, *, whole: bool = False) -> str:
    """Returns what is wrong with the structure of an SQLite file; empty if nothing is, or there is no file.

    Args:
        path: the file.
        whole: whether indexes are checked against their tables as well, which takes several times as long.
    """
    if not path.is_file():
        return ""
    check = "integrity_check" if whole else "quick_check"
    try:
        with closing(sqlite3.connect(path, timeout=FOLD_SECONDS)) as connection:
            found = str(connection.execute(f"PRAGMA {check}(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error) if is_damage(str(error)) else ""
    except UnicodeDecodeError as error:  # SQLite's own words hold what is damaged
        return str(error)
    return "" if found == "ok" else found


def fold_log(path: Path) -> bool:
    """Writes the write-ahead log into the file, and empties it; returns whether that was possible.

    SQLite does so itself only when the last connection is closed, which those never do that are killed
    or that end at once. A log that could not be folded in is read as before: nothing is lost.
    """
    if not path.is_file():
        return True
    try:
        with closing(sqlite3.connect(path, timeout=FOLD_SECONDS)) as connection:
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error:  # full, damaged or locked: whoever opens it next is told
        return False
