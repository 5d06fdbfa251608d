"""How the database of a store is copied while others write, and brought back: a SQLite file, or PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, inspect, text

from dlcore.errors import N_, StoreError
from dlcore.records import RunState
from dlcore.settings import Settings
from dlcore.store.database import Database

STORE, OPTUNA = "store.sqlite", "optuna.sqlite"
DUMP = "store.dump"
"""The name of a copy of PostgreSQL, in its own format."""

_ACTIVE = ", ".join(f"'{state}'" for state in (RunState.STARTING, RunState.RUNNING, RunState.LOST))
_AT_REST = (
    f"UPDATE runs SET state = '{RunState.QUEUED}', pid = NULL, heartbeat_at = NULL WHERE state IN ({_ACTIVE})",
    "UPDATE jobs SET state = 'queued' WHERE state = 'running'",
    "DELETE FROM workers",
)
"""Clears the processes that belong to the original store: those of a restored one must not end them."""


class StoreCopies(Protocol):
    """What a backup needs of a database."""

    name: str
    """The file in a backup."""

    def save(self, folder: Path, began: float) -> list[str]:
        """Writes one moment of the database to a file in `folder`.

        Returns:
            The runs that had ended by that moment, but not at `began`: their last files may be newer than copies.
        """

    def is_empty(self) -> bool:
        """Returns whether nothing would be lost if a copy took the place of the database."""

    def bring_back(self, folder: Path, aside: str) -> None:
        """Makes the file in `folder` ready to be put in place, its processes forgotten.

        Where the database is a server, the copy is put in place at once, all of it or nothing, and its file is
        removed from the folder.

        Args:
            folder: where the checked files of a backup wait.
            aside: the name under which what was there is kept.
        """


@contextmanager
def copies_of(settings: Settings) -> Iterator[StoreCopies]:
    """Yields how the store of these settings is copied.

    Raises:
        StoreError: its URL is not valid, or there is no driver for it.
    """
    if not settings.database_url:
        yield SqliteCopies(settings.home_dir / STORE)
        return
    with closing(Database(settings.database_url)) as database:
        if database.is_sqlite:
            raise StoreError(
                N_("only PostgreSQL, or the file in the home folder, can be copied."),
                hint=N_("Copy this database by its own tools, and the home folder with it."),
                where="DLCORE_DATABASE_URL",
            )
        yield PostgresCopies(database)


class SqliteCopies:
    """Copies of a SQLite file, by SQLite's own way of copying what others write.

    Args:
        file: the store.
    """

    name = STORE

    def __init__(self, file: Path) -> None:
        self.file = file

    def save(self, folder: Path, began: float) -> list[str]:
        """See `StoreCopies`."""
        if self.is_empty():
            raise _nothing(str(self.file.parent))
        copy_sqlite(self.file, folder / self.name)
        with closing(sqlite3.connect(folder / self.name)) as connection:
            found = connection.execute("SELECT id FROM runs WHERE finished_at >= ?", [began])
            return [str(row[0]) for row in found]

    def is_empty(self) -> bool:
        """See `StoreCopies`."""
        return not self.file.exists()

    def bring_back(self, folder: Path, aside: str) -> None:
        """See `StoreCopies`."""
        with closing(sqlite3.connect(folder / self.name)) as connection, connection:
            for statement in _AT_REST:
                connection.execute(statement)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copies one moment of a SQLite file that others write meanwhile."""
    with closing(sqlite3.connect(source, timeout=60)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        # Whole in one file: a copy of the log would be one more thing to keep together.
        new.execute("PRAGMA journal_mode=DELETE")


class PostgresCopies:
    """Copies of a PostgreSQL database, by its own programs.

    Args:
        database: the store.
    """

    name = DUMP

    def __init__(self, database: Database) -> None:
        self.database = database

    def save(self, folder: Path, began: float) -> list[str]:
        """See `StoreCopies`."""
        if self.is_empty():
            raise _nothing(self.database.url.render_as_string(hide_password=True))
        with self.database.read() as connection:
            # pg_dump sees the moment of this transaction, so what is read in it is true of the copy.
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            self._call(
                "pg_dump",
                "--format=custom",
                "--exclude-schema=replaced-*",
                f"--snapshot={snapshot}",
                f"--file={folder / self.name}",
                self._address,
            )
            found = connection.execute(
                text("SELECT id FROM runs WHERE finished_at >= :began"), {"began": began}
            )
            return [str(row[0]) for row in found]

    def is_empty(self) -> bool:
        """See `StoreCopies`."""
        with self.database.read() as connection:
            return not inspect(connection).get_table_names()

    def bring_back(self, folder: Path, aside: str) -> None:
        """See `StoreCopies`."""
        script = folder / "store.sql"
        # As a file, not through a pipe: of a script that breaks off, psql would keep the first part.
        self._call("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(folder / self.name))
        before = (
            [] if self.is_empty() else [f'ALTER SCHEMA public RENAME TO "{aside}"', "CREATE SCHEMA public"]
        )
        after = ["SET search_path TO public", *_AT_REST]  # the script has emptied the path
        self._call(
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            "--output=/dev/null",
            *(f"--command={statement}" for statement in before),
            f"--file={script}",
            *(f"--command={statement}" for statement in after),
            self._address,
        )
        script.unlink()
        (folder / self.name).unlink()

    def others(self) -> int:
        """Returns how many connections to the database there are besides this one."""
        with self.database.read() as connection:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            return int(connection.execute(text(f"{asked} AND pid <> pg_backend_pid()")).scalar_one())

    @property
    def _address(self) -> str:
        """How PostgreSQL's programs are told the database; without the password, which a list of processes shows."""
        url = self.database.url
        return URL.create(
            "postgresql", url.username, None, url.host, url.port, url.database, url.query
        ).render_as_string()

    def _call(self, program: str, *arguments: str) -> None:
        password = self.database.url.password
        environment = {**os.environ, "PGPASSWORD": password} if password else None
        try:
            done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise StoreError(
                N_("{program} is not installed."),
                hint=N_("Install PostgreSQL's client programs, in Debian `postgresql-client`."),
                where="DLCORE_DATABASE_URL",
                program=program,
            ) from error
        if done.returncode:
            raise StoreError(
                N_("{program} failed: {reason}."),
                hint=N_("Look at the log of PostgreSQL; nothing has changed."),
                where=self.database.url.render_as_string(hide_password=True),
                program=program,
                reason=" ".join(done.stderr.split())[-500:],
            )


def _nothing(where: str) -> StoreError:
    return StoreError(N_("there is nothing to back up."), hint=N_("Set DLCORE_HOME."), where=where)
