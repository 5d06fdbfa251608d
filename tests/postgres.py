"""A PostgreSQL server of the tests' own, and a fresh database for each test that wants one."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.schema import HEAD
from dlcore.store.tables import metadata
from tests.waiting import wait_for

ADMIN, TEMPLATE, DATABASE = "postgres", "template_of_tests", "tests"
"""Who may do all in the server, a database with our tables, and the copy of it that tests have."""
QUICK = {
    "listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off", "shared_buffers": "32MB",
}  # fmt: skip
"""What is lost with the machine may be lost."""
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux."""


def programs() -> Path:
    """Returns the folder of PostgreSQL's programs; skips the test where there is none, and fails it in CI."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    if folders:
        return folders[-1]
    if on_path:
        return Path(on_path).parent
    message = "tests of a store on PostgreSQL need its server (Debian: apt-get install postgresql)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


class Postgres:
    """A server that listens on a socket in its own folder, with one database for one test at a time.

    To empty it takes 4 ms, to copy another one 65 ms.

    Args:
        folder: where its socket is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cleaner: psycopg.Connection | None = None

    def url(self, name: str) -> str:
        """Returns the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{ADMIN}@/{name}?host={self._folder}"

    def connect(self, name: str = ADMIN) -> psycopg.Connection:
        """Returns a connection to a database as the owner of all."""
        return psycopg.connect(f"host={self._folder} user={ADMIN} dbname={name}", autocommit=True)

    def execute(self, *statements: str) -> None:
        """Carries out statements beside all databases of tests."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yields the URL of a database with our tables and nothing in them."""
        cleaner = self._cleaner or self._make()
        yield self.url(DATABASE)
        try:
            _empty(cleaner)
        except (psycopg.Error, LookupError):  # a test has changed the tables, or left a lock on one
            self.close()

    def close(self) -> None:
        """Lets go of the database: the next test gets another one."""
        if self._cleaner is not None:
            self._cleaner.close()
        self._cleaner = None

    def _make(self) -> psycopg.Connection:
        self.execute(
            f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)",
            f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE}",
        )
        self._cleaner = self.connect(DATABASE)
        return self._cleaner

    def answers(self) -> bool:
        """Returns whether it takes connections by now."""
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _empty(connection: psycopg.Connection) -> None:
    """Takes all rows out of a database whose tables are today's.

    Raises:
        LookupError: they are not.
    """
    if connection.execute("SELECT version_num FROM alembic_version").fetchall() != [(HEAD,)]:
        raise LookupError("other tables than today's")
    tables = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
    numbers = "SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences"
    connection.execute("; ".join(["SET lock_timeout = '5s'", *tables, numbers]))


@contextmanager
def running() -> Iterator[Postgres]:
    """Yields a server, which ends with this process whatever happens."""
    bin_folder = programs()
    # As root the server refuses to run: then it is Debian's own user, who may not look into pytest's folders.
    user = ADMIN if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="dl-studio-postgres-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    data = folder / "data"
    if user:
        shutil.chown(folder, user, user)
    silent = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "cwd": folder,
        "user": user,
        "group": user,
    }
    made = [
        bin_folder / "initdb",
        "-D",
        data,
        "-U",
        ADMIN,
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run(made, check=True, **silent)
    options = [part for name, value in QUICK.items() for part in ("-c", f"{name}={value}")]
    command = [bin_folder / "postgres", "-D", data, "-k", folder, *options]
    with subprocess.Popen(command, preexec_fn=_end_with_us, **silent) as process:
        try:
            server = Postgres(folder)
            wait_for(server.answers)
            server.execute(f"CREATE DATABASE {TEMPLATE}")
            Store.open(Settings(home=folder / "home", database_url=server.url(TEMPLATE))).close()
            yield server
            server.close()
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing in it is wanted any more
    shutil.rmtree(folder)


def _end_with_us() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGQUIT)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The one server of this session, started for the first test that needs it."""
    with running() as server:
        yield server


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of the store of this test; empty for a file in its home."""
    if database_kind == "sqlite":
        yield ""
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


def on_both_kinds_of_store(metafunc: pytest.Metafunc) -> None:
    """Has a test that has settings run on SQLite and on PostgreSQL.

    One about SQLite alone runs on that; so does one that starts processes and takes seconds, unless it uses `every_store`.
    """
    names = metafunc.fixturenames
    if "database_kind" in names:
        is_long = (
            metafunc.definition.get_closest_marker("processes") is not None and "every_store" not in names
        )
        metafunc.parametrize(
            "database_kind", ["sqlite"] if is_long or "sqlite" in names else ["sqlite", "postgresql"]
        )


@pytest.fixture
def every_store() -> None:
    """For a long test that runs on every kind of store."""
