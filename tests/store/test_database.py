"""What a locked, full, forbidden or unknown database says."""

import sqlite3
import sys
import threading

import pytest
from sqlalchemy import event

from dlcore.errors import StoreError
from dlcore.settings import Settings
from dlcore.store import Store, database
from tests.store.samples import at_work, losses, queued


@pytest.fixture
def impatient(monkeypatch):
    """A store that waits only a moment for a lock."""
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 100)


def hold(store):
    """Another program's connection that keeps the store locked."""
    connection = sqlite3.connect(store.database.url.database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


@pytest.mark.usefixtures("impatient", "sqlite")
def test_a_store_that_stays_locked_is_said_so_and_what_to_do(store):
    run = queued(store)
    other = hold(store)
    with pytest.raises(StoreError, match=r"store\.sqlite: another process keeps the store locked\. Close"):
        store.runs.request_stop(run.id)
    assert store.runs.get(run.id) == run
    other.rollback()
    other.close()
    assert store.runs.request_stop(run.id)


@pytest.mark.usefixtures("sqlite")
def test_a_lock_that_is_given_back_is_waited_for(store):
    run = queued(store)
    other = hold(store)
    waiting = threading.Thread(target=store.runs.request_stop, args=(run.id,))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    assert not store.runs.get(run.id).stop_requested
    other.rollback()
    other.close()
    waiting.join()
    assert store.runs.get(run.id).stop_requested


@pytest.mark.usefixtures("sqlite")
def test_a_full_disk_is_said_so_and_nothing_half_written_is_left(store):
    run = at_work(store)
    store.database.engine.dispose()

    @event.listens_for(store.database.engine, "connect")
    def limit(connection, record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 4}")

    points = losses(*((n, 0.5) for n in range(5_000)))
    with pytest.raises(StoreError, match=r"there is no room left on the disk of the store\. Delete runs"):
        store.reports.write(run.id, 1, {"step": 5}, metrics=points)
    assert store.runs.get(run.id).step == 0
    assert store.metrics.series(run.id) == ()
    assert store.reports.write(run.id, 1, {"step": 1}, metrics=points[:10]) is False


def test_a_home_that_cannot_be_made_is_said_with_its_path(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/home: the folder cannot be made.*Set DLCORE_HOME"):
        Store.open(Settings(home=tmp_path / "file" / "home"))


def test_a_file_that_is_no_store_is_said_so(tmp_path):
    (tmp_path / "store.sqlite").write_text("a shopping list, long enough to be read as a header" * 99)
    with pytest.raises(StoreError, match=r"store\.sqlite: the store failed: file is not a database"):
        Store.open(Settings(home=tmp_path))


def test_a_missing_driver_is_named_with_the_way_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"DLCORE_DATABASE_URL: .* package psycopg.* pip install psycopg"):
        Store.open(Settings(home=tmp_path, database_url="postgresql+psycopg://me@here/runs"))


@pytest.mark.parametrize("url", ["nonsense", "oracle9://here/runs", "postgresql+nothing://here/runs"])
def test_a_url_that_says_nothing_is_refused(tmp_path, url):
    with pytest.raises(StoreError, match="the URL of the store cannot be understood"):
        Store.open(Settings(home=tmp_path, database_url=url))


def test_a_password_is_never_shown(tmp_path):
    url = "postgresql+psycopg://me:secret@127.0.0.1:1/runs"
    with pytest.raises(StoreError) as caught:
        Store.open(Settings(home=tmp_path, database_url=url))
    assert "secret" not in str(caught.value)


def test_a_reader_does_not_wait_for_a_writer(impatient, store):
    run = queued(store)
    with store.database.write():
        assert store.runs.get(run.id) == run
