"""What a run process prints: lines of the run's log, and words for the supervisor's."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Protocol

from dlcore.errors import StoreError


class Log(Protocol):
    """Takes lines."""

    def log(self, text: str) -> None:
        """Adds lines to a log."""


class LogStream:
    """What the process prints, as lines of the run's log."""

    encoding = "utf-8"

    def __init__(self, handle: Log) -> None:
        self._handle, self._rest = handle, ""

    def write(self, text: str) -> int:
        """Takes text; a line is passed on when it is whole."""
        *whole, self._rest = (self._rest + text).split("\n")
        for line in whole:
            # Progress bars overwrite a line again and again: only its last form counts.
            self._handle.log(line.rsplit("\r", 1)[-1])
        return len(text)

    def flush(self) -> None:
        """Nothing waits here."""

    def isatty(self) -> bool:
        """Never a terminal."""
        return False


def complain(error: StoreError) -> None:
    """Writes a line to the supervisor's log, if there is room for it."""
    with suppress(OSError):
        print(error, file=sys.__stderr__, flush=True)
