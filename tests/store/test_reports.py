"""A run process writes all or nothing, and only as long as its attempt lasts."""

import pytest
from sqlalchemy import text

from dlcore.errors import StoreError
from dlcore.records import Axis, RunState
from tests.store.samples import EPOCH_LOSS, LOSS, MEMORY, at_work, in_state, losses, moved, report


def steps(store, run, key=LOSS):
    return store.metrics.window(run.id, key).x.tolist()


def test_a_report_sets_the_row_and_adds_points_and_lines(store):
    run = at_work(store)
    answer = store.reports.write(
        run.id, 1, {"epoch": 1, "step": 20}, metrics=losses((20, 0.5)), lines=[(7.0, "hello")]
    )
    assert answer is False
    found = store.runs.get(run.id)
    assert (found.epoch, found.step) == (1, 20)
    assert steps(store, run) == [20.0]
    assert [line.text for line in store.logs.since(run.id, 0)] == ["hello"]


def test_a_report_learns_that_the_run_shall_stop(store):
    run = at_work(store)
    store.runs.request_stop(run.id)
    assert store.reports.write(run.id, 1, {"step": 1}) is True


def test_a_process_whose_attempt_is_over_changes_nothing(store):
    run = at_work(store)
    moved(store, run, RunState.LOST, RunState.QUEUED, RunState.STARTING, RunState.RUNNING)
    answer = store.reports.write(run.id, 1, {"step": 99}, metrics=losses((99, 1.0)), lines=[(0.0, "ghost")])
    assert answer is None
    assert not store.reports.rewind(run.id, 1, epoch=0, step=0)
    assert store.runs.get(run.id).step == 0
    assert steps(store, run) == []
    assert store.logs.since(run.id, 0) == []


@pytest.mark.parametrize("state", [state for state in RunState if not state.active])
def test_a_run_that_is_not_at_work_takes_no_report(store, state):
    run = in_state(store, state)
    assert store.reports.write(run.id, run.attempt, {"step": 5}) is None


def test_a_report_that_fails_half_way_leaves_nothing(store):
    run = at_work(store)
    with store.database.write() as connection:
        connection.execute(text("DROP TABLE lines"))
    with pytest.raises(StoreError, match=r"lines.*Call `python -m dlcore doctor`"):
        store.reports.write(run.id, 1, {"step": 5}, metrics=losses((5, 0.1)), lines=[(0.0, "x")])
    assert store.runs.get(run.id).step == 0
    assert steps(store, run) == []


def test_a_rewind_drops_what_lies_beyond_and_keeps_the_meters(store):
    run = at_work(store)
    report(store, run, *losses((10, 1.0), (20, 0.9), (30, 0.8)))
    report(store, run, *losses((1, 0.7), (2, 0.6), key=EPOCH_LOSS), *losses((9.5, 400.0), key=MEMORY))
    assert store.reports.rewind(run.id, 1, epoch=1, step=20)
    assert steps(store, run) == [10.0, 20.0]
    assert steps(store, run, EPOCH_LOSS) == [1.0]
    assert steps(store, run, MEMORY) == [9.5]
    found = store.runs.get(run.id)
    assert (found.epoch, found.step) == (1, 20)


def test_a_reader_misses_no_point_of_a_rewound_curve(store):
    run = at_work(store)
    report(store, run, *losses((10, 1.0), (20, 0.9), (30, 0.8)))
    before = store.metrics.since(run.id, 0, axis=Axis.BATCH)
    run = moved(store, run, RunState.LOST, RunState.QUEUED, RunState.STARTING, RunState.RUNNING)
    store.reports.rewind(run.id, 2, epoch=0, step=10)
    assert store.metrics.since(run.id, before.cursor, axis=Axis.BATCH).attempt == 1
    report(store, run, *losses((20, 0.5)))
    news = store.metrics.since(run.id, before.cursor, axis=Axis.BATCH)
    assert (before.attempt, news.attempt) == (1, 2)
    assert news.curves[LOSS].x.tolist() == [20.0]
    assert store.metrics.overview(run.id, axis=Axis.BATCH).curves[LOSS].y.tolist() == [1.0, 0.5]
