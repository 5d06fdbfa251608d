"""Whatever belongs to a run or a study goes with it, and nothing else does."""

from contextlib import closing

import pytest
from sqlalchemy import MetaData, Table, func, insert, select, text, update

from dlcore.errors import StoreError
from dlcore.records import RunState, StudyAction
from dlcore.store import Store
from dlcore.store.metrics import add_points
from dlcore.store.tables import lines, points, runs, study_requests, trials
from tests.store.samples import LOSS, SPEC, at_work, losses, moved
from tests.store.test_schema import made_by
from tests.store.test_studies import new_study


def count(store, table):
    with store.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def ended(store):
    """A run that has ended, with a curve of two points, a line in its log and a file."""
    run = at_work(store)
    curve = losses((1, 0.5), (2, 0.4))
    store.reports.write(run.id, 1, {"seconds": 1.0}, metrics=curve, lines=[(1.0, "a line")])
    (store.artifacts.create(run.id) / "model.keras").write_bytes(b"weights")
    return moved(store, run, RunState.COMPLETED)


def test_a_deleted_run_takes_its_curves_and_its_log_with_it(store):
    one, other = ended(store), ended(store)
    assert store.runs.delete(one)
    assert (count(store, runs), count(store, points), count(store, lines)) == (1, 2, 1)
    assert store.metrics.window(other.id, LOSS).y.tolist() == [0.5, 0.4]


def test_a_deleted_study_takes_everything_of_it_with_it(store):
    study = new_study(store)
    of_study, plain = ended(store), ended(store)
    row = {"study_id": study.id, "number": 0, "state": "complete", "params": {}, "values": [], "measured": {}}
    with store.database.write() as connection:
        connection.execute(insert(trials).values(**row, origin="sampled", created_at=1.0, revision=1))
        here = {"study_id": study.id, "trial": 0, "repeat": 0}
        connection.execute(update(runs).where(runs.c.id == of_study.id).values(**here))
    store.studies.ask(study.id, StudyAction.DELETE, {})
    store.studies.delete(study.id)
    assert [count(store, table) for table in (trials, study_requests, runs, points, lines)] == [0, 0, 1, 2, 1]
    assert store.removals.sweep() == []
    assert not store.artifacts.folder(of_study.id).exists()
    assert store.artifacts.folder(plain.id).exists()


def test_nothing_can_be_written_of_a_run_that_is_gone(store):
    with pytest.raises(StoreError), store.database.write() as connection:
        add_points(connection, "0123456789", 1, losses((1, 0.5)))


def test_a_removal_that_was_cut_short_is_finished_by_the_next_sweep(store, settings):
    run = ended(store)
    assert store.runs.delete(run)
    # Here the process is killed, and a later one opens the store.
    with closing(Store.open(settings)) as later:
        assert later.removals.pending() == [run.id]
        assert later.removals.sweep() == []
        assert not later.artifacts.folder(run.id).exists()
        assert later.removals.pending() == []


def test_a_folder_that_cannot_be_removed_stays_noted_and_the_others_go(store, monkeypatch):
    stuck, free = ended(store), ended(store)
    assert store.runs.delete(stuck)
    assert store.runs.delete(free)
    real = type(store.artifacts).delete

    def refuse(self, run_id):
        if run_id == stuck.id:
            raise StoreError("the folder cannot be removed: {reason}.", reason="Permission denied")
        real(self, run_id)

    monkeypatch.setattr(type(store.artifacts), "delete", refuse)
    assert store.removals.sweep() == [stuck.id]
    assert not store.artifacts.folder(free.id).exists()


def test_a_folder_of_a_run_that_another_store_knows_is_left_alone(store):
    elsewhere = store.artifacts.create("abcdef0123")
    store.removals.sweep()
    assert elsewhere.is_dir()


def test_a_store_without_references_gets_them_and_loses_only_what_belongs_to_nothing(settings):
    old = made_by(settings, "0004")
    with old.write() as connection:
        # As that version knew the table, whose columns are other ones today.
        old_runs = Table("runs", MetaData(), autoload_with=connection)
        connection.execute(insert(old_runs).values(**{**_RUN, "id": "aaaa"}))
        for run_id in ("aaaa", "gone"):
            connection.execute(insert(points).values(**_POINT, run_id=run_id))
            connection.execute(insert(lines).values(run_id=run_id, seq=1, at=1.0, text="a line"))
        connection.execute(
            insert(study_requests).values(study_id="gone", action="stop", arguments={}, created_at=1.0)
        )
    old.close()
    with closing(Store.open(settings)) as store:
        assert [count(store, table) for table in (runs, points, lines, study_requests)] == [1, 1, 1, 0]
        assert store.runs.get("aaaa").name == "a run"
        if store.database.is_sqlite:
            with store.database.read() as connection:
                assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


_RUN = {
    "name": "a run", "owner": "ann", "state": "completed", "spec": SPEC, "spec_hash": "", "dataset": "digits",
    "epochs": 1, "summary": {}, "created_at": 1.0, "queued_at": 1.0, "work": 0.0, "epoch": 1, "step": 9,
    "steps": 9, "attempt": 1, "lost_count": 0, "stop_requested": False, "device": "cpu", "seconds": 1.0,
    "host": "",
}  # fmt: skip
_POINT = {"seq": 1, "axis": "batch", "scope": "train", "name": "loss", "step": 1.0, "value": 0.5}
