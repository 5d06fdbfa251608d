"""The folders of runs that were deleted: removed after the rows, and again where that was cut short."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from dlcore.errors import StoreError
from dlcore.store.artifacts import Artifacts
from dlcore.store.database import Database
from dlcore.store.tables import removals, runs


class Removals:
    """What is still to be removed of deleted runs.

    The transaction that deletes a run's rows also notes its folder here, so no folder is ever forgotten,
    and none is removed because a row cannot be found: another store may use the same home.
    """

    def __init__(self, database: Database, artifacts: Artifacts) -> None:
        self._database, self._artifacts = database, artifacts

    def pending(self) -> Sequence[str]:
        """Returns the ids of deleted runs whose folders may still be there."""
        with self._database.read() as connection:
            return connection.execute(select(removals.c.run_id)).scalars().all()

    def finish(self, run_id: str) -> None:
        """Removes the folder of a deleted run.

        Raises:
            StoreError: it cannot be removed; it stays noted.
        """
        self._artifacts.delete(run_id)
        with self._database.write() as connection:
            connection.execute(delete(removals).where(removals.c.run_id == run_id))

    def sweep(self) -> Sequence[str]:
        """Removes all folders that are noted; returns the ids of those that cannot be removed."""
        for run_id in self.pending():
            with suppress(StoreError):
                self.finish(run_id)
        return self.pending()


def note_folders(connection: Connection, which: ColumnElement[bool]) -> None:
    """Notes the folders of these runs, whose rows are deleted next."""
    chosen = select(runs.c.id).where(which)
    connection.execute(insert(removals).from_select(["run_id"], chosen))
