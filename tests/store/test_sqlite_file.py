"""The write-ahead log is folded into the file when nobody works in it any more."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from dlcore.store import sqlite_file
from dlcore.store.sqlite_file import fold_log
from tests.store.samples import queued


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file whose log holds what was written last, with a connection that stays open."""
    monkeypatch.setattr(sqlite_file, "FOLD_SECONDS", 0.05)
    path = tmp_path / "store.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE runs (id TEXT)")
        connection.execute("INSERT INTO runs VALUES ('first')")
        yield path, connection


def log_of(path):
    return path.with_name(f"{path.name}-wal")


def test_the_log_is_folded_in_though_somebody_has_the_file_open(file):
    path, connection = file
    assert log_of(path).stat().st_size > 0
    assert fold_log(path)
    assert log_of(path).stat().st_size == 0
    assert connection.execute("SELECT id FROM runs").fetchall() == [("first",)]


def test_a_log_that_is_being_read_stays_and_loses_nothing(file):
    path, connection = file
    connection.execute("BEGIN")
    connection.execute("SELECT id FROM runs").fetchall()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("INSERT INTO runs VALUES ('second')")
        assert not fold_log(path)
        assert other.execute("SELECT id FROM runs").fetchall() == [("first",), ("second",)]


def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path):
    path = tmp_path / "store.sqlite"
    path.write_text("a shopping list" * 999)
    assert not fold_log(path)
    assert path.read_text() == "a shopping list" * 999


def test_a_store_that_was_never_made_is_not_made_by_folding_it(tmp_path):
    assert fold_log(tmp_path / "store.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("sqlite")
def test_a_store_is_in_one_file_once_it_is_folded_though_somebody_has_it_open(store, tmp_path):
    run = queued(store)
    with closing(sqlite3.connect(store.database.file)) as other:
        other.execute("SELECT id FROM runs").fetchall()
        store.fold()
        alone = shutil.copy(store.database.file, tmp_path / "alone.sqlite")
        with closing(sqlite3.connect(alone)) as copied:
            assert copied.execute("SELECT id FROM runs").fetchall() == [(run.id,)]
