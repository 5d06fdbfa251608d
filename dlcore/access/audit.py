"""Who did what, from where and when: lines of JSON in the home folder, of which the oldest are dropped.

Nothing of it is secret: ids and names, no content, no cookie, no token.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from dlcore.access.actors import Actor
from dlcore.locks import locked
from dlcore.settings import Settings

log = logging.getLogger(__name__)
AUDIT_FILE = "audit.jsonl"
LONGEST = 200
"""Characters of a name that are kept."""


class AuditLog:
    """Writes it; safe to share between threads and processes.

    Args:
        settings: where, and how much is kept.
        clock: seconds since 1970.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        settings.make_home()
        self._file = _SharedFile(
            settings.home_dir / AUDIT_FILE,
            maxBytes=settings.audit_mb * 10**6,
            backupCount=settings.audit_files - 1,
            encoding="ascii",
            delay=True,
        )
        self._last: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def note(self, what: str, *, actor: Actor, address: str, name: str = "", refused: bool = False) -> None:
        """Writes down one thing that somebody did, or was not allowed to do.

        What passes several checks, one after the other, is one thing.

        Args:
            what: such as `run.stop` or `launch`.
            actor: who.
            address: from where.
            name: the id or the name of what it was done to.
            refused: whether it was refused.
        """
        now = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")
        about = (now, actor.id, address, what, name, str(refused))
        with self._lock:
            if about == self._last:
                return
            self._last = about
        entry: dict[str, Any] = {
            "at": now,
            "actor": actor.id,
            "role": actor.role.value,
            "from": address,
            "what": what,
        }
        entry |= {"name": name[:LONGEST]} if name else {}
        entry |= {"refused": True} if refused else {}
        # In ASCII: what could pass for something else in a terminal, or begin another line, is escaped.
        self._file.handle(logging.makeLogRecord({"msg": json.dumps(entry, ensure_ascii=True)}))


class _SharedFile(RotatingFileHandler):
    """A file of which each line is written by opening it anew: another process may have rotated it meanwhile."""

    def emit(self, record: logging.LogRecord) -> None:
        with locked(Path(f"{self.baseFilename}.lock"), poll=0.01):
            super().emit(record)
            if self.stream is not None:
                self.stream.close()
                self.stream = None

    def _open(self) -> TextIOWrapper:
        """Opens it, as its owner's alone from its first moment."""
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:
        """Says why a line was lost, such as on a full disk; the request that it is about goes on."""
        log.exception("a line of the audit log is lost: %s", record.getMessage())


def last_audit_lines(settings: Settings, count: int) -> list[dict[str, Any]]:
    """Returns the newest of what was noted, the newest first.

    Reads no more than the ends of the two newest files.

    Args:
        settings: where they are.
        count: how many at most.
    """
    newest = settings.home_dir / AUDIT_FILE
    found: list[dict[str, Any]] = []
    for path in (newest, newest.with_name(f"{AUDIT_FILE}.1")):
        if len(found) < count:
            found += _read_end(path, count * _LONGEST_LINE)[: count - len(found)]
    return found


_LONGEST_LINE = 1_000
"""Bytes that a line rarely exceeds: a name is cut, and longest where each of its letters is escaped."""


def _read_end(path: Path, size: int) -> list[dict[str, Any]]:
    """Returns the whole lines at the end of a file, the last one first."""
    try:
        with path.open("rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - size)
            file.seek(start)
            lines = file.read(size).decode("ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [line for line in map(_parsed, reversed(lines[bool(start) :])) if line is not None]


def _parsed(line: str) -> dict[str, Any] | None:
    """Returns what a line notes; None where it is half written."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def audit_lines(settings: Settings) -> Iterator[dict[str, Any]]:
    """Yields what was noted, the oldest first; what a killed process has half written is left out."""
    newest = settings.home_dir / AUDIT_FILE
    older = [newest.with_name(f"{AUDIT_FILE}.{n}") for n in range(settings.audit_files - 1, 0, -1)]
    for path in [*older, newest]:
        try:
            text = path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            continue
        yield from (line for line in map(_parsed, text.splitlines()) if line is not None)
