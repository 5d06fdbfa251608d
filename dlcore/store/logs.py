"""Console logs of runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from dlcore.records import LogLine
from dlcore.store.database import Database, now, to_datetime
from dlcore.store.tables import lines

LONGEST_LINE = 10_000


class Logs:
    """The log lines of a store's runs, numbered from 1 in each run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(self, run_id: str, cursor: int, *, limit: int = 1_000) -> Sequence[LogLine]:
        """Returns lines after number `cursor`, the oldest first."""
        query = select(lines).where(lines.c.run_id == run_id, lines.c.seq > cursor)
        with self._database.read() as connection:
            return [_line(row) for row in connection.execute(query.order_by(lines.c.seq).limit(limit))]

    def tail(self, run_id: str, count: int) -> Sequence[LogLine]:
        """Returns the last lines, the oldest of them first."""
        query = select(lines).where(lines.c.run_id == run_id).order_by(lines.c.seq.desc()).limit(count)
        with self._database.read() as connection:
            return [_line(row) for row in connection.execute(query)][::-1]

    def add(self, run_id: str, text: str) -> None:
        """Adds a line to a run's log; the run's own process writes with its reports instead."""
        with self._database.write() as connection:
            add_lines(connection, run_id, [(now(), text)])


def add_lines(connection: Connection, run_id: str, entries: Sequence[tuple[float, str]]) -> None:
    """Adds lines to a run's log, each with the second it was written at."""
    if not entries:
        return
    newest = select(func.max(lines.c.seq)).where(lines.c.run_id == run_id)
    last = connection.execute(newest).scalar_one() or 0
    rows = [
        {"run_id": run_id, "seq": last + number, "at": at, "text": text[:LONGEST_LINE]}
        for number, (at, text) in enumerate(entries, start=1)
    ]
    connection.execute(insert(lines), rows)


def _line(row: Row[Any]) -> LogLine:
    return LogLine(row.seq, to_datetime(row.at), row.text)
