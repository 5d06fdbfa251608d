"""What is done to an SQLite file as a whole, beside those that work in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

FOLD_SECONDS = 1.0
"""How long the folding waits for others to finish what they are reading or writing."""


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
