"""What a locked, full, forbidden or unknown database says."""

import random
import sqlite3
import sys
import threading
from contextlib import closing

import pytest
from sqlalchemy import event

from dlcore.errors import StoreError
from dlcore.settings import Settings
from dlcore.store import Store, database
from tests.store.samples import at_work, losses, queued, report


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
    with pytest.raises(StoreError, match=r"store\.sqlite: another process has the store locked\. Close"):
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
    with pytest.raises(StoreError, match=r"the disk of the store is full\. Delete runs"):
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
    with pytest.raises(StoreError, match=r"store\.sqlite: the store is damaged: file is not a database"):
        Store.open(Settings(home=tmp_path))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE runs SET state = 'quexed'", "'quexed' is no RunState"),
        ("UPDATE runs SET spec = '{'", "a column holds no JSON"),
        ("UPDATE runs SET name = CAST(x'ff' AS TEXT)", "Could not decode to UTF-8"),
        ("UPDATE points SET axis = 'bat=h'", "'bat=h' is no Axis"),
    ],
)
@pytest.mark.usefixtures("sqlite")
def test_a_row_that_makes_no_sense_is_called_damage_with_a_way_out(store, change, problem):
    run = at_work(store)
    report(store, run, *losses((1, 0.5)))
    with store.database.write() as connection:
        connection.exec_driver_sql(change)
    with pytest.raises(
        StoreError, match=rf"the store is damaged: .*{problem}.*doctor --repair.*restore a backup"
    ):
        store.runs.list()
        store.metrics.series(run.id)


def test_whatever_becomes_of_its_bytes_a_store_works_or_says_that_it_is_damaged(store, settings):
    for _ in range(20):
        report(store, at_work(store), *losses(*((n, 0.5) for n in range(200))))
    if store.database.file is None:
        pytest.skip("about SQLite")
    store.fold()
    good, chance = store.database.file.read_bytes(), random.Random(0)
    for number in range(60):
        data = bytearray(good)
        match number % 4:
            case 0:
                for place in chance.sample(range(len(data)), 20):
                    data[place] = chance.randrange(256)
            case 1:
                page = chance.randrange(len(data) // 4096) * 4096
                data[page : page + 4096] = bytes(4096)
            case 2:
                del data[chance.randrange(len(data)) :]
            case _:
                data[chance.randrange(100)] ^= 0xFF
        store.database.file.write_bytes(data)
        try:
            with closing(Store.open(settings)) as opened:
                for run in opened.runs.list():
                    opened.metrics.series(run.id)
                queued(opened)
        except StoreError as error:
            assert error.message.hint
    store.database.file.write_bytes(good)


def test_a_missing_driver_is_named_with_the_way_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"DLCORE_DATABASE_URL: .* package psycopg.* pip install psycopg"):
        Store.open(Settings(home=tmp_path, database_url="postgresql+psycopg://me@here/runs"))


@pytest.mark.parametrize("url", ["nonsense", "oracle9://here/runs", "postgresql+nothing://here/runs"])
def test_a_url_that_says_nothing_is_refused(tmp_path, url):
    with pytest.raises(StoreError, match="the URL of the store is not valid"):
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


def test_a_store_in_memory_has_no_file(tmp_path):
    for url, file in (
        (f"sqlite:///{tmp_path}/store.sqlite", tmp_path / "store.sqlite"),
        ("sqlite://", None),
    ):
        opened = database.Database(url)
        assert opened.file == file
        opened.close()
