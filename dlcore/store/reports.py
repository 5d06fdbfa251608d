"""Reports of a run process about its run: one writer, and only while its attempt lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Update, and_, bindparam, or_, update

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
        mine = {"this": run_id, "now_at": attempt}
        told = {"heartbeat_at": now(), **values}
        with self._database.write() as connection:
            new = {f"new_{name}": value for name, value in told.items()}
            stop = connection.execute(_telling(tuple(told)), mine | new).scalar_one_or_none()
            if stop is None:
                return None
            add_points(connection, run_id, attempt, metrics)
            add_lines(connection, run_id, lines)
            return bool(stop)

    def rewind(self, run_id: str, attempt: int, *, epoch: int, step: int) -> bool:
        """Drops the points beyond the state that an attempt continues from; False if it is over."""
        told = {"this": run_id, "now_at": attempt, "new_epoch": epoch, "new_step": step}
        with self._database.write() as connection:
            if connection.execute(_telling(("epoch", "step")), told).scalar_one_or_none() is None:
                return False
            drop_points(connection, run_id, epoch=epoch, step=step)
            return True


_AT_WORK = and_(
    runs.c.id == bindparam("this"),
    runs.c.attempt == bindparam("now_at"),
    or_(*(runs.c.state == state.value for state in ACTIVE_STATES)),
)


@cache
def _telling(columns: tuple[str, ...]) -> Update:
    """Returns the statement that sets columns of a run at work and tells whether it should stop.

    To build it takes longer than to carry it out.
    """
    told: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    return update(runs).where(_AT_WORK).values(told).returning(runs.c.stop_requested)
