"""Brings a store to the schema of this version when it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import (
    Column,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    create_mock_engine,
    delete,
    insert,
    inspect,
    text,
)
from sqlalchemy.schema import ExecutableDDLElement

from dlcore.errors import N_, StoreError
from dlcore.locks import locked
from dlcore.records import Program
from dlcore.store.database import Database
from dlcore.store.tables import metadata, workers
from dlcore.version import __version__

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0027"
"""The newest revision; a test holds it against the files."""

PROGRAM = Program(__version__, HEAD)
"""Which one this is."""

_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic keeps the revision of a store."""


def migrate(database: Database) -> None:
    """Applies what is missing; safe when several processes open the store at the same moment.

    A store that is brought up to date no longer has a supervisor: an older one would start processes
    that cannot open it. It learns that before it starts another, and leaves; its runs continue.

    Raises:
        StoreError: the store was written by a newer version.
    """
    if _revision(database) == HEAD:
        return
    with _alone(database):
        found = _revision(database)
        if found == HEAD:
            return
        if found is None:
            _make(database)
            return
        refuse_newer(database)
        _upgrade(database)


def refuse_newer(database: Database) -> None:
    """Makes sure that this program knows the schema, which another may have changed since.

    Raises:
        StoreError: the store was written by a newer version.
    """
    found = _revision(database)
    if found is not None and found not in known_revisions():
        raise StoreError(
            N_("the store was written by a newer version of DL Studio ({found})."),
            hint=N_("Update DL Studio and start it again, or set DLCORE_HOME to another folder."),
            where=database.url.render_as_string(hide_password=True),
            found=found,
        )


def _revision(database: Database) -> str | None:
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def known_revisions() -> set[str]:
    """Returns the revisions that this program can read, brought up to date where need be."""
    return {path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Holds off every other process that would change the schema."""
    if database.file:
        with locked(database.file.with_suffix(".migrating")):
            yield
    else:
        with database.write() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(714027)"))
            yield


def _make(database: Database) -> None:
    """Makes the tables of today at once: to go through all that they once were takes ten times as long."""
    with database.write() as connection:
        for statement in _statements(database.url.drivername):
            connection.exec_driver_sql(statement)
        connection.execute(insert(_version).values(version_num=HEAD))


@cache
def _statements(driver: str) -> tuple[str, ...]:
    """Returns what makes the tables, in the words of a kind of store: finding them takes longer than carrying them out."""
    found: list[str] = []

    def note(element: ExecutableDDLElement, *_values: object, **_more: object) -> None:
        found.append(str(element.compile(dialect=engine.dialect)))

    engine = create_mock_engine(f"{driver}://", note)
    metadata.create_all(engine, checkfirst=False)
    _version.create(engine, checkfirst=False)
    return tuple(found)


def _upgrade(database: Database) -> None:
    # Alembic takes 0.3 s to import, and is needed only here.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    rebuilding = Database(database.url.render_as_string(hide_password=False), cascades=False)
    with closing(rebuilding), rebuilding.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.execute(delete(workers))
