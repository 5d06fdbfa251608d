"""The connection: SQLite in WAL mode or PostgreSQL, short transactions, readable errors."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from dlcore.errors import N_, NotFoundError, StoreError
from dlcore.store.sqlite_file import is_damage

BUSY_MILLISECONDS = 15_000
_NUL = "NUL (0x00)"
"""What PostgreSQL says of the character that none of its texts may have; in SQLite one just finds nothing."""
_WRITES = "dlcore_writes"
_Word = TypeVar("_Word", bound=StrEnum)


class Database:
    """Hands out transactions on one store.

    Args:
        url: an SQLAlchemy URL.
        cascades: whether rows go together with the one they belong to. Not while a migration rebuilds
            tables: SQLite deletes the rows of a table that is dropped, and all that belongs to them.
    """

    def __init__(self, url: str, *, cascades: bool = True) -> None:
        self.url, self.engine = _engine(url)
        self._reading = self.engine
        if self.is_sqlite:
            event.listen(self.engine, "connect", partial(_prepare_sqlite, cascades=cascades))
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a file."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yields a connection that sees one moment of the store; never waits for a writer.

        Raises:
            NotFoundError: what is asked for cannot be there, as no text in a PostgreSQL has that character.
        """
        try:
            with self._plain_errors(), self._reading.begin() as connection:
                yield connection
        except StoreError as error:
            if _NUL in str(error.__cause__):
                raise NotFoundError(
                    N_("there is nothing of that name."), hint=N_("Check how it is written.")
                ) from error
            raise

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yields a transaction that holds the right to write from its start, all of it or nothing.

        Raises:
            StoreError: another process keeps the store locked, or there is no room.
        """
        with self._plain_errors(), self.engine.connect() as bare:
            connection = bare.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self.explained(error) from error

    def explained(self, error: SQLAlchemyError) -> StoreError:
        """Returns the error in words a user can act on."""
        cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        where = self.url.database or "" if self.is_sqlite else self.url.render_as_string(hide_password=True)
        if "locked" in cause:
            return StoreError(
                N_("another process has the store locked."),
                hint=N_("Close programs that have it open, then try again."),
                where=where,
            )
        if "full" in cause or "No space left" in cause:
            return StoreError(
                N_("the disk of the store is full."),
                hint=N_("Delete runs or other files, then try again."),
                where=where,
            )
        if "readonly" in cause or "unable to open" in cause:
            return StoreError(
                N_("the store cannot be opened or written."),
                hint=N_("Check that the folder exists and that you may write there, or set DLCORE_HOME."),
                where=where,
            )
        if self.is_sqlite and is_damage(cause):
            return damage_error(where, cause)
        return StoreError(
            N_("the store failed: {cause}."),
            hint=N_("Call `python -m dlcore doctor`."),
            where=where,
            cause=cause.splitlines()[0][:300],
        )

    @property
    def file(self) -> Path | None:
        """The SQLite file; None where the store is a server."""
        return Path(str(self.url.database)) if self.is_sqlite and self.url.database else None

    def close(self) -> None:
        """Closes all connections; of the last one's, SQLite folds the write-ahead log into the file."""
        self.engine.dispose()


def _engine(url: str) -> tuple[URL, Engine]:
    try:
        parsed = make_url(url)
        is_server = parsed.get_backend_name() != "sqlite"
        return parsed, create_engine(parsed, pool_pre_ping=is_server, json_deserializer=_parsed_json)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StoreError(
            N_("the URL of the store is not valid."),
            hint=N_(
                "Write it like `sqlite:////folder/store.sqlite` or `postgresql+psycopg://user@host/name`."
            ),
            where="DLCORE_DATABASE_URL",
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError(
            N_("the database needs the Python package {package}, which is not installed."),
            hint=N_("Call: pip install {package}"),
            where="DLCORE_DATABASE_URL",
            package=error.name,
        ) from error


def damage_error(where: str, cause: str) -> StoreError:
    """Returns the error for a store whose content is invalid."""
    return StoreError(
        N_("the store is damaged: {cause}."),
        hint=N_("Call `python -m dlcore doctor --repair`, or restore a backup."),
        where=where,
        cause=cause.splitlines()[0][:300],
    )


def enum_member(kind: type[_Word], text: str) -> _Word:
    """Returns the member of an enum that a column holds.

    Raises:
        StoreError: it holds none of them, so it was damaged.
    """
    try:
        return kind(text)
    except ValueError:
        raise damage_error("", f"{text!r} is no {kind.__name__}") from None


def _parsed_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise damage_error("", f"a column holds no JSON: {error}") from error


def _prepare_sqlite(connection: Any, _record: Any, *, cascades: bool) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA foreign_keys={'ON' if cascades else 'OFF'}")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Switches a fresh file to write-ahead logging.

    SQLite does not wait here, whatever its timeout: with several processes at a fresh file it says
    "locked" at once.
    """
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except UnicodeDecodeError as error:  # SQLite names what is damaged, in its own bytes
            raise sqlite3.DatabaseError("malformed database schema") from error
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later could be refused immediately, without waiting.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def now() -> float:
    """Returns seconds since 1970."""
    return datetime.now(UTC).timestamp()


def to_datetime(seconds: float) -> datetime:
    """Returns those seconds as a moment in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
