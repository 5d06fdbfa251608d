"""Repairing: what can be read is kept, a copy of the rest stays, and what is whole is left alone."""

import random
from contextlib import closing

import pytest

from dlcore.datasets.prepare.preparation import prepare
from dlcore.records import RunState
from dlcore.spec import ExperimentSpec
from dlcore.store import Store
from dlcore.store.repair import repairs, store_damage
from dlcore.store.sqlite_file import find_damage
from tests.datasets.makers import colours, stored
from tests.store.samples import LOSS, at_work, losses, moved, queued, report
from tests.store.test_ranges import levels

pytestmark = pytest.mark.usefixtures("sqlite")


def filled(store, count=30):
    """Runs that have ended, each with a curve of a hundred points."""
    found = []
    for number in range(count):
        run = at_work(store, name=f"run {number}")
        report(store, run, *losses(*((n, 0.5) for n in range(100))))
        found.append(moved(store, store.runs.get(run.id), RunState.COMPLETED))
    return found


def repaired(settings):
    """Does all there is to repair; gives what was said before and after."""
    planned = repairs(settings)
    return [one.plan for one in planned], [one.do() for one in planned]


def test_a_home_that_is_whole_needs_no_repair(store, settings):
    filled(store, 2)
    assert repairs(settings) == []
    assert store_damage(settings, whole=True) == ""


def test_of_a_damaged_store_what_can_be_read_is_kept_and_the_old_file_too(store, settings):
    before = {run.id: run for run in filled(store)}
    store.fold()
    file = settings.home / "store.sqlite"
    data, chance = bytearray(file.read_bytes()), random.Random(1)
    roots = 60  # what is lost with a table's first page is the whole table
    for page in chance.sample(range(roots, len(data) // 4096), 4):
        data[page * 4096 : (page + 1) * 4096] = bytes(4096)
    file.write_bytes(data)
    assert store_damage(settings, whole=True)
    said, done = repaired(settings)
    assert len(said) == 1
    (aside,) = settings.home.glob("repaired-*")
    assert (aside / "store.sqlite").read_bytes() == data
    assert str(aside) in said[0]
    assert str(aside) in done[0]
    assert find_damage(file, whole=True) == ""
    with closing(Store.open(settings)) as opened:
        kept = {run.id: run for run in opened.runs.list(limit=100)}
        assert len(kept) >= 10
        assert all(before[run_id] == run for run_id, run in kept.items())
        queued(opened)
    assert repairs(settings) == []


def test_a_row_that_makes_no_sense_goes_alone(store, settings):
    bad, good = filled(store, 2)
    with store.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE runs SET state = 'quexed' WHERE id = '{bad.id}'")
        count = "SELECT count(*) FROM points WHERE run_id = '{}'"
        lost = 1 + connection.exec_driver_sql(count.format(bad.id)).scalar_one()
        kept = 1 + connection.exec_driver_sql(count.format(good.id)).scalar_one()
        kept += 2  # that both had a slot is known whatever becomes of them
    store.fold()
    assert store_damage(settings) == "1 rows make no sense"
    _, done = repaired(settings)
    # Its curve goes with a run.
    assert done[0].startswith(f"{kept} rows were kept, {lost} were not;")
    with closing(Store.open(settings)) as opened:
        assert opened.runs.list() == [good]
        assert len(opened.metrics.window(good.id, LOSS).y) == 100


def test_a_long_curve_that_was_saved_is_read_from_its_levels_again(store, settings):
    run = at_work(store)
    report(store, run, *losses(*((n, 9.0 if n == 300 else 0.5) for n in range(1_024))))
    bad = queued(store)
    with store.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE runs SET state = 'quexed' WHERE id = '{bad.id}'")
        # What is left of a curve may be less than its ranges say.
        connection.exec_driver_sql(f"DELETE FROM points WHERE run_id = '{run.id}' AND step = 300")
    store.fold()
    repaired(settings)
    with closing(Store.open(settings)) as opened:
        assert levels(opened)[0] == 63
        assert max(opened.metrics.window(run.id, LOSS, buckets=5).y) == 0.5


def test_of_a_file_that_is_no_store_a_copy_stays_and_a_new_store_is_made(store, settings):
    store.fold()
    file = settings.home / "store.sqlite"
    file.write_bytes(b"nonsense " * 9_999)
    repaired(settings)
    (aside,) = settings.home.glob("repaired-*")
    assert (aside / "store.sqlite").read_bytes() == b"nonsense " * 9_999
    with closing(Store.open(settings)) as opened:
        assert opened.runs.count() == 0


def test_damaged_knowledge_of_samplers_is_moved_aside(store, settings):
    (settings.home / "optuna.sqlite").write_bytes(b"nonsense " * 9_999)
    _, done = repaired(settings)
    (aside,) = settings.home.glob("repaired-*")
    assert (aside / "optuna.sqlite").exists()
    assert not (settings.home / "optuna.sqlite").exists()
    assert "restore a backup" in done[0]


def test_all_that_is_damaged_is_moved_to_one_place(store, settings):
    store.fold()
    for name in ("store.sqlite", "optuna.sqlite"):
        (settings.home / name).write_bytes(b"nonsense " * 9_999)
    repaired(settings)
    (aside,) = settings.home.glob("repaired-*")
    assert {"store.sqlite", "optuna.sqlite"} <= {path.name for path in aside.iterdir()}


def test_folders_of_runs_that_nobody_knows_are_moved_aside_and_those_of_deleted_ones_removed(store, settings):
    known, deleted = filled(store, 2)
    for run in ("abcdef0123", known.id, deleted.id):
        (store.artifacts.create(run) / "model.keras").write_bytes(b"weights")
    assert store.runs.delete(deleted)
    said, _ = repaired(settings)
    assert len(said) == 2
    (aside,) = settings.home.glob("repaired-*")
    assert [path.name for path in (aside / "runs").iterdir()] == ["abcdef0123"]
    assert [path.name for path in settings.runs_dir.iterdir()] == [known.id]


def test_folders_are_left_alone_while_the_store_is_damaged(store, settings):
    (store.artifacts.create("abcdef0123") / "model.keras").write_bytes(b"weights")
    store.fold()
    (settings.home / "store.sqlite").write_bytes(b"nonsense " * 9_999)
    repaired(settings)
    assert (settings.runs_dir / "abcdef0123" / "model.keras").exists()


def test_damaged_prepared_data_is_taken_away_and_made_again(store, settings, tmp_path):
    stored(colours(tmp_path / "x.zip"), settings)
    steps = [{"kind": "Resizing", "height": 16, "width": 16}]
    spec = ExperimentSpec.from_dict({"dataset": {"name": "it"}, "preprocessing": steps})
    folder = prepare(spec, settings, lambda *_: None).folder
    data = bytearray((folder / "input.npy").read_bytes())
    data[-1] ^= 1
    (folder / "input.npy").write_bytes(data)
    said, _ = repaired(settings)
    assert "input.npy" in said[0]
    assert not folder.exists()
    assert prepare(spec, settings, lambda *_: None).folder == folder
