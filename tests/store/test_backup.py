"""A backup is one consistent moment, however much is written meanwhile, and comes back as it was."""

import sqlite3
import threading
from contextlib import closing

import pytest

from dlcore.access.actors import Actor
from dlcore.datasets.loader import open_samples
from dlcore.datasets.stored import stored_damage
from dlcore.durable import write_file
from dlcore.errors import StoreError
from dlcore.records import RunState
from dlcore.settings import Settings
from dlcore.spec.experiment import DatasetSpec
from dlcore.store import Store, backup
from dlcore.store.backup import MANIFEST, back_up, restore
from tests.datasets.makers import colours, stored
from tests.store.samples import LOSS, at_work, in_state, losses, moved, queued

pytestmark = pytest.mark.usefixtures("sqlite")


def silent(line):
    pass


def checkpoint(store, run, epoch):
    """What a run leaves after an epoch: first its curves, then its file."""
    curve = losses((epoch, 1 / epoch))
    assert store.reports.write(run.id, run.attempt, {"epoch": epoch}, metrics=curve) is False
    path = store.artifacts.create(run.id) / "checkpoint.npz"
    write_file(path, lambda part: part.write_text(str(epoch)))


def elsewhere(tmp_path):
    return Settings(home=tmp_path / "other" / "home", KERAS_HOME=tmp_path / "keras")


def test_everything_a_person_owns_comes_back(store, settings, tmp_path):
    run = at_work(store)
    checkpoint(store, run, 1)
    done = moved(store, store.runs.get(run.id), RunState.COMPLETED)
    dataset = stored(colours(tmp_path / "x.zip"), settings)
    draft = store.drafts.create({"model": {}}, owner="ann")
    made = back_up(settings, tmp_path / "copy", silent)

    there = elsewhere(tmp_path)
    restore(there, made, silent)
    with closing(Store.open(there)) as other:
        assert other.runs.get(run.id) == done
        assert other.metrics.window(run.id, LOSS).y.tolist() == [1.0]
        assert (other.artifacts.folder(run.id) / "checkpoint.npz").read_text() == "1"
        assert other.drafts.get(draft.id, actor=Actor("ann")) == draft
    assert list(stored_damage(there, whole=True)) == []
    assert open_samples(DatasetSpec(name="it"), there).content == dataset.facts.version
    assert there.home.stat().st_mode & 0o777 == 0o700


def test_runs_that_were_at_work_wait_in_the_copy_and_no_process_of_the_original_is_theirs(
    store, settings, tmp_path
):
    run = at_work(store, name="at work")
    made = back_up(settings, tmp_path / "copy", silent)
    there = elsewhere(tmp_path)
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
        for number in range(8):
            made = back_up(settings, tmp_path / f"copy-{number}", silent)
            assert_consistent(made)
            there = Settings(home=tmp_path / f"home-{number}")
            restore(there, made, silent)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []


def assert_consistent(made):
    """Curves may be ahead of a checkpoint, which resuming rewinds to; a checkpoint is never ahead of them."""
    with closing(sqlite3.connect(made / "store.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for run, state, epoch in connection.execute("SELECT id, state, epoch FROM runs"):
            path = made / "runs" / run / "checkpoint.npz"
            saved = int(path.read_text()) if path.exists() else 0
            assert saved <= epoch
            if state == "completed":
                assert saved == epoch == 5
                assert (made / "runs" / run / "evaluation.json").exists()


def test_a_run_that_ends_while_its_files_are_copied_is_copied_once_more(
    store, settings, tmp_path, monkeypatch
):
    run, real = at_work(store), backup._copy_database
    checkpoint(store, run, 1)

    def ends_before(source, target):
        monkeypatch.undo()
        checkpoint(store, run, 2)
        moved(store, store.runs.get(run.id), RunState.COMPLETED)
        real(source, target)

    monkeypatch.setattr(backup, "_copy_database", ends_before)
    made = back_up(settings, tmp_path / "copy", silent)
    assert (made / "runs" / run.id / "checkpoint.npz").read_text() == "2"
    restore(elsewhere(tmp_path), made, silent)


def test_a_home_that_is_not_empty_is_refused_and_moved_aside_when_that_is_asked_for(
    store, settings, tmp_path
):
    made = back_up(settings, tmp_path / "copy", silent)
    there = elsewhere(tmp_path)
    with closing(Store.open(there)) as other:
        kept = queued(other)
    with pytest.raises(StoreError, match=r"not empty\. Choose another with DLCORE_HOME, or .* `--replace`"):
        restore(there, made, silent)
    restore(there, made, silent, replace=True)
    (aside,) = there.home.glob("replaced-*")
    with closing(Store.open(Settings(home=aside))) as other:
        assert other.runs.get(kept.id) == kept
    with closing(Store.open(there)) as other:
        assert other.runs.count() == 0


@pytest.mark.parametrize("name", ["store.sqlite", MANIFEST, "runs/abcd1234/checkpoint.npz"])
def test_a_damaged_backup_is_refused_and_changes_nothing(store, settings, tmp_path, name):
    (store.artifacts.create("abcd1234") / "checkpoint.npz").write_bytes(b"weights")
    made = back_up(settings, tmp_path / "copy", silent)
    data = bytearray((made / name).read_bytes())
    data[len(data) // 2] ^= 1
    (made / name).write_bytes(data)
    there = elsewhere(tmp_path)
    with pytest.raises(StoreError, match=rf"this backup is damaged: {name} has changed since it was written"):
        restore(there, made, silent)
    assert not there.home.exists() or list(there.home.iterdir()) == []


def test_a_backup_of_a_newer_version_is_refused(store, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "HEAD", "9999")
    made = back_up(settings, tmp_path / "copy", silent)
    with pytest.raises(StoreError, match="the backup was made by a newer version"):
        restore(elsewhere(tmp_path), made, silent)


def test_a_target_that_cannot_be_one_is_refused(store, settings, tmp_path):
    in_state(store, RunState.STOPPED)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(StoreError, match="there is something already"):
        back_up(settings, tmp_path / "full", silent)
    with pytest.raises(StoreError, match="does not belong into what it is a copy of"):
        back_up(settings, settings.home / "copy", silent)
    with pytest.raises(StoreError, match="there is nothing to back up"):
        back_up(elsewhere(tmp_path), tmp_path / "copy", silent)
    with pytest.raises(StoreError, match="there is no backup"):
        restore(elsewhere(tmp_path), tmp_path / "full", silent)
    with pytest.raises(StoreError, match="Call pg_dump"):
        back_up(settings.model_copy(update={"database_url": "postgresql://x"}), tmp_path / "copy", silent)
