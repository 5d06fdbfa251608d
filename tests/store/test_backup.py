"""A backup is one consistent moment, however much is written meanwhile, and comes back as it was."""

import sqlite3
import threading
from contextlib import closing, contextmanager, suppress
from uuid import uuid4

import pytest
from sqlalchemy import inspect, text

from dlcore.access.actors import Actor
from dlcore.access.secret import secret_key
from dlcore.datasets.loader import open_samples
from dlcore.datasets.stored import stored_damage
from dlcore.durable import read_json, write_file, write_json
from dlcore.errors import NotFoundError, StoreError
from dlcore.records import RunState
from dlcore.settings import Settings
from dlcore.spec.experiment import DatasetSpec
from dlcore.store import Store, backup, database_copies
from dlcore.store.backup import MANIFEST, back_up, restore
from dlcore.store.database import Database
from dlcore.store.database_copies import DUMP, STORE
from tests.datasets.makers import colours, stored
from tests.store.samples import LOSS, at_work, in_state, losses, moved, queued
from tests.waiting import wait_for


def silent(line):
    pass


def checkpoint(store, run, epoch):
    """What a run leaves after an epoch: first its curves, then its file."""
    curve = losses((epoch, 1 / epoch))
    assert store.reports.write(run.id, run.attempt, {"epoch": epoch}, metrics=curve) is False
    path = store.artifacts.create(run.id) / "checkpoint.npz"
    write_file(path, lambda part: part.write_text(str(epoch)))


@contextmanager
def another(settings, folder):
    """Yields another machine: an empty home folder and, where the store is PostgreSQL, an empty database."""
    there = Settings(home=folder / "home", KERAS_HOME=folder / "keras")
    if not settings.database_url:
        yield there
        return
    name = f"restored_{uuid4().hex}"
    with closing(Database(settings.database_url)) as database:
        outside = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with outside.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            url = database.url.set(database=name).render_as_string(hide_password=False)
            yield there.model_copy(update={"database_url": url})
        finally:
            with outside.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def there(settings, tmp_path):
    with another(settings, tmp_path / "other") as there:
        yield there


def everything(settings):
    """Returns the rows of each table of a store, in order."""
    with closing(Database(settings.store_url)) as database, database.read() as connection:
        names = inspect(connection).get_table_names()
        return {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names
        }


def test_everything_a_person_owns_comes_back(store, settings, there, tmp_path):
    run = at_work(store)
    checkpoint(store, run, 1)
    done = moved(store, store.runs.get(run.id), RunState.COMPLETED)
    dataset = stored(colours(tmp_path / "x.zip"), settings)
    draft = store.drafts.create({"model": {}}, owner="ann")
    key = secret_key(settings)
    made = back_up(settings, tmp_path / "copy", silent)

    restore(there, made, silent)
    assert everything(there) == everything(settings)
    assert secret_key(there) == key
    with closing(Store.open(there)) as other:
        assert other.runs.get(run.id) == done
        assert other.metrics.window(run.id, LOSS).y.tolist() == [1.0]
        assert (other.artifacts.folder(run.id) / "checkpoint.npz").read_text() == "1"
        assert other.drafts.get(draft.id, actor=Actor("ann")) == draft
    assert list(stored_damage(there, whole=True)) == []
    assert open_samples(DatasetSpec(name="it"), there).content == dataset.facts.version
    assert there.home.stat().st_mode & 0o777 == 0o700


def test_runs_that_were_at_work_wait_in_the_copy_and_no_process_of_the_original_is_theirs(
    store, settings, there, tmp_path
):
    run = at_work(store, name="at work")
    made = back_up(settings, tmp_path / "copy", silent)
    restore(there, made, silent)
    with closing(Store.open(there)) as other:
        assert other.runs.get(run.id).state is RunState.QUEUED
        assert other.runs.process(run.id) is None
        assert other.workers.current() is None
    assert store.runs.get(run.id).state is RunState.RUNNING


def test_a_copy_that_is_made_while_runs_train_and_end_is_one_they_can_go_on_from(store, settings, tmp_path):
    over, ended, failures = threading.Event(), [], []

    def train():
        own = Store.open(settings)
        try:
            while not over.is_set():
                run = at_work(own)
                for epoch in range(1, 6):
                    checkpoint(own, run, epoch)
                (own.artifacts.folder(run.id) / "evaluation.json").write_text("{}")
                moved(own, own.runs.get(run.id), RunState.COMPLETED)
                ended.append(run.id)
                old = ended.pop(0) if len(ended) > 20 else None
                if old and own.runs.delete(own.runs.get(old)):
                    own.removals.finish(old)
        except Exception as error:  # noqa: BLE001 - told in the test's own thread
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=train) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: ended or failures)
        for number in range(8 if store.database.is_sqlite else 3):
            before = list(ended)
            made = back_up(settings, tmp_path / f"copy-{number}", silent)
            with another(settings, tmp_path / f"other-{number}") as there:
                restore(there, made, silent)
                assert_consistent(there)
                assert_equal(store, there, before)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []


def assert_consistent(there):
    """Curves may be ahead of a checkpoint, which resuming rewinds to; a checkpoint is never ahead of them."""
    if not there.database_url:
        with closing(sqlite3.connect(there.home / STORE)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with closing(Database(there.store_url)) as database, database.read() as connection:
        rows = connection.execute(text("SELECT id, state, epoch FROM runs")).all()
    assert rows
    for run, state, epoch in rows:
        path = there.runs_dir / run / "checkpoint.npz"
        saved = int(path.read_text()) if path.exists() else 0
        assert saved <= epoch
        if state == "completed":
            assert saved == epoch == 5
            assert (there.runs_dir / run / "evaluation.json").exists()


def assert_equal(store, there, ids):
    """What had ended before the backup began is there as it is in the original."""
    with closing(Store.open(there)) as other:
        for run in ids:
            with suppress(NotFoundError):  # deleted in the original meanwhile
                original = store.runs.get(run)
                assert other.runs.get(run) == original
                assert other.metrics.window(run, LOSS).y.tolist() == [1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 5]


def test_a_run_that_ends_while_its_files_are_copied_is_copied_once_more(
    store, settings, there, tmp_path, monkeypatch
):
    run, real = at_work(store), backup.copies_of
    checkpoint(store, run, 1)

    def ends_before(settings):
        monkeypatch.undo()
        checkpoint(store, run, 2)
        moved(store, store.runs.get(run.id), RunState.COMPLETED)
        return real(settings)

    monkeypatch.setattr(backup, "copies_of", ends_before)
    made = back_up(settings, tmp_path / "copy", silent)
    assert (made / "runs" / run.id / "checkpoint.npz").read_text() == "2"
    restore(there, made, silent)


def test_a_home_that_is_not_empty_is_refused_and_moved_aside_when_that_is_asked_for(
    store, settings, there, tmp_path
):
    made = back_up(settings, tmp_path / "copy", silent)
    with closing(Store.open(there)) as other:
        kept = queued(other)
        there.make_home()
        (there.home / "worker.log").touch()
    with pytest.raises(StoreError, match=r"not empty\. Choose another with DLCORE_HOME, or .* `--replace`"):
        restore(there, made, silent)
    restore(there, made, silent, replace=True)
    (aside,) = there.home.glob("replaced-*")
    if store.database.is_sqlite:
        with closing(Store.open(Settings(home=aside))) as other:
            assert other.runs.get(kept.id) == kept
    else:
        with closing(Database(there.database_url)) as database, database.read() as connection:
            found = connection.execute(text(f'SELECT id FROM "{aside.name}".runs')).scalars().all()
            assert found == [kept.id]
    with closing(Store.open(there)) as other:
        assert other.runs.count() == 0


@pytest.mark.parametrize("name", ["store", MANIFEST, "runs/abcd1234/checkpoint.npz"])
def test_a_damaged_backup_is_refused_and_changes_nothing(store, settings, there, tmp_path, name):
    (store.artifacts.create("abcd1234") / "checkpoint.npz").write_bytes(b"weights")
    made = back_up(settings, tmp_path / "copy", silent)
    if name == "store":
        name = STORE if store.database.is_sqlite else DUMP
    data = bytearray((made / name).read_bytes())
    data[len(data) // 2] ^= 1
    (made / name).write_bytes(data)
    with pytest.raises(StoreError, match=rf"this backup is damaged: {name} has changed since it was written"):
        restore(there, made, silent)
    assert not there.home.exists() or list(there.home.iterdir()) == []


def test_a_backup_of_a_newer_version_is_refused(store, settings, there, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "HEAD", "9999")
    made = back_up(settings, tmp_path / "copy", silent)
    with pytest.raises(StoreError, match="the backup was made by a newer version"):
        restore(there, made, silent)


def test_a_target_that_cannot_be_one_is_refused(store, settings, there, tmp_path):
    in_state(store, RunState.STOPPED)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(StoreError, match="there is something already"):
        back_up(settings, tmp_path / "full", silent)
    with pytest.raises(StoreError, match="does not belong into what it is a copy of"):
        back_up(settings, settings.home / "copy", silent)
    with pytest.raises(StoreError, match="there is nothing to back up"):
        back_up(there, tmp_path / "copy", silent)
    with pytest.raises(StoreError, match="there is no backup"):
        restore(there, tmp_path / "full", silent)


def test_a_backup_of_another_kind_of_database_is_refused(store, settings, there, tmp_path):
    made = back_up(settings, tmp_path / "copy", silent)
    manifest = read_json(made / MANIFEST)
    name = STORE if store.database.is_sqlite else DUMP
    manifest["files"]["other"] = manifest["files"].pop(name)
    write_json(made / MANIFEST, manifest)
    with pytest.raises(StoreError, match=rf"another kind of database: expected {name} in it"):
        restore(there, made, silent)


def test_a_database_that_cannot_be_copied_is_said(settings, tmp_path):
    elsewhere = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'x.sqlite'}"})
    with pytest.raises(StoreError, match="only PostgreSQL, or the file in the home folder, can be copied"):
        back_up(elsewhere, tmp_path / "copy", silent)
    assert list(tmp_path.glob("*copy*")) == []


@pytest.fixture
def postgres(store):
    """Skips a test about PostgreSQL alone where the store is another."""
    if store.database.is_sqlite:
        pytest.skip("about PostgreSQL")


@pytest.mark.usefixtures("postgres")
def test_a_restoration_that_the_database_breaks_off_changes_nothing(
    store, settings, there, tmp_path, monkeypatch
):
    queued(store)
    made = back_up(settings, tmp_path / "copy", silent)
    with closing(Store.open(there)) as other:
        kept = queued(other)
    monkeypatch.setattr(database_copies, "_AT_REST", ("UPDATE no_such_table SET a = 1",))
    with pytest.raises(StoreError, match=r"psql failed: .*no_such_table"):
        restore(there, made, silent, replace=True)
    with closing(Store.open(there)) as other:
        assert other.runs.get(kept.id) == kept
    assert not list(there.home.glob("replaced-*"))


@pytest.mark.usefixtures("postgres")
def test_programs_of_postgresql_that_are_not_installed_are_named(store, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match=r"pg_dump is not installed\. .*postgresql-client"):
        back_up(settings, tmp_path / "copy", silent)
    assert list(tmp_path.glob("*copy*")) == []
