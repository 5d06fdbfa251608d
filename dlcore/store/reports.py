"""Reports of a run process about its run: one writer, and only while its attempt lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, update

from dlcore.records import Metric, Segment
from dlcore.store.database import Database, now
from dlcore.store.logs import add_lines
from dlcore.store.metrics import add_points, drop_points
from dlcore.store.runs import ACTIVE_STATES
from dlcore.store.tables import runs


class Reports:
    """The interface through which run processes write to a store.

    Each report is one transaction that begins by looking whether the run is still at work under the
    attempt the process was started for. A process that hung, and whose run was given to another,
    changes nothing any more when it wakes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self,
        run_id: str,
        attempt: int,
        values: Mapping[str, Any],
        *,
        metrics: Iterable[Metric | Segment] = (),
        lines: Sequence[tuple[float, str]] = (),
    ) -> bool | None:
        """Says that the run is alive, sets columns, adds to its curves and its log, all or nothing.

        Args:
            run_id: the run.
            attempt: the one the process was started for.
            values: columns of the run's row.
            metrics: new points.
            lines: new lines of the log, each with the second it was written at.

        Returns:
            Whether the run should stop; None if the attempt is over, and nothing was written.
        """
        mine = _at_work(run_id, attempt)
        with self._database.write() as connection:
            alive = update(runs).where(mine).values(heartbeat_at=now(), **values)
            if not connection.execute(alive).rowcount:
                return None
            add_points(connection, run_id, attempt, metrics)
            add_lines(connection, run_id, lines)
            return bool(connection.execute(select(runs.c.stop_requested).where(mine)).scalar_one())

    def rewind(self, run_id: str, attempt: int, *, epoch: int, step: int) -> bool:
        """Drops the points beyond the state that an attempt continues from; False if it is over."""
        mine = _at_work(run_id, attempt)
        with self._database.write() as connection:
            if not connection.execute(update(runs).where(mine).values(epoch=epoch, step=step)).rowcount:
                return False
            drop_points(connection, run_id, epoch=epoch, step=step)
            return True


def _at_work(run_id: str, attempt: int) -> ColumnElement[bool]:
    active = runs.c.state.in_([state.value for state in ACTIVE_STATES])
    return (runs.c.id == run_id) & (runs.c.attempt == attempt) & active
