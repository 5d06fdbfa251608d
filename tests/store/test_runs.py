"""Runs as rows: found again, listed, counted, in their order."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from dlcore.design.timing import Lap, Stage
from dlcore.errors import NotFoundError
from dlcore.records import RunState
from tests.store.samples import SPEC, in_state, moved, queued


def plans(store, action):
    """How SQLite finds the rows of each statement of an action."""
    seen = []

    def note(connection, cursor, statement, parameters, context, many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")) and not many:
            seen.append((statement, parameters))

    event.listen(store.database.engine, "before_cursor_execute", note)
    action()
    event.remove(store.database.engine, "before_cursor_execute", note)
    found = []
    with store.database.read() as connection:
        for statement, parameters in seen:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found += [row[-1] for row in rows]
    return found


def test_a_new_run_waits_with_nothing_done(store):
    run = store.runs.create(
        spec=SPEC, spec_hash="ab", name="first", owner="ann", dataset="digits", epochs=7, parent_id="f00d"
    )
    assert store.runs.get(run.id) == run
    assert (run.name, run.owner, run.state, run.spec) == ("first", "ann", RunState.QUEUED, SPEC)
    assert (run.epochs, run.epoch, run.step, run.steps, run.attempt) == (7, 0, 0, 0, 0)
    assert (run.reason, run.stop_requested, run.summary, run.parent_id) == (None, False, {}, "f00d")
    assert run.created_at.utcoffset() == timedelta(0)


def test_an_id_that_no_run_has_is_said_so(store):
    with pytest.raises(NotFoundError, match="there is no run 'nothing'"):
        store.runs.get("nothing")


def test_the_newest_run_is_listed_first(store):
    names = [queued(store, name=name).name for name in ("one", "two", "three")]
    assert [run.name for run in store.runs.list()] == names[::-1]
    assert [run.name for run in store.runs.list(limit=1, offset=1)] == ["two"]


def test_of_the_unfinished_those_at_work_come_first_and_then_the_queue(store):
    waiting = queued(store, owner="ann")
    at_work = in_state(store, RunState.RUNNING, owner="ann")
    lost = in_state(store, RunState.LOST, owner="ann")
    later = queued(store, owner="ann")
    in_state(store, RunState.COMPLETED, owner="ann")
    queued(store, owner="bob")
    assert store.runs.unfinished(owner="ann") == [
        (at_work.id, RunState.RUNNING),
        (lost.id, RunState.LOST),
        (waiting.id, RunState.QUEUED),
        (later.id, RunState.QUEUED),
    ]


def test_filters_let_through_what_they_name(store):
    queued(store, name="50% dropout", owner="ann")
    queued(store, name="plain", owner="bob", dataset="mnist")
    in_state(store, RunState.FAILED, name="Plain too", owner="bob")
    listed = {
        "owner": [run.name for run in store.runs.list(owner="bob")],
        "state": [run.name for run in store.runs.list(states=[RunState.FAILED, RunState.STOPPED])],
        "dataset": [run.name for run in store.runs.list(datasets=["mnist", "cifar10"])],
        "search": [run.name for run in store.runs.list(search="PLAIN")],
        "all": [run.name for run in store.runs.list(owner="bob", datasets=["digits"], search="too")],
    }
    assert listed == {
        "owner": ["Plain too", "plain"],
        "state": ["Plain too"],
        "dataset": ["plain"],
        "search": ["Plain too", "plain"],
        "all": ["Plain too"],
    }
    assert store.runs.count(owner="bob") == 2
    assert store.runs.count() == 3


def test_a_search_takes_percent_and_underscore_as_they_are(store):
    run = queued(store, name="50% dropout")
    queued(store, name="500 epochs")
    assert [found.id for found in store.runs.list(search="50%")] == [run.id]
    assert store.runs.list(search="5__") == []


def test_a_run_is_found_by_the_beginning_of_its_id(store):
    run = queued(store)
    queued(store)
    assert [found.id for found in store.runs.list(search=run.id[:8])] == [run.id]


def test_those_that_wait_are_in_the_order_they_came(store):
    first, second, third = (queued(store) for _ in range(3))
    assert [run.id for run in store.queue.waiting()] == [first.id, second.id, third.id]
    assert [store.queue.position(run.id) for run in (first, second, third)] == [1, 2, 3]
    moved(store, first, RunState.STARTING)
    assert [store.queue.position(run.id) for run in (first, second, third)] == [0, 1, 2]
    assert store.queue.position("nothing") == 0


def test_a_run_that_comes_back_keeps_its_place_in_the_queue(store):
    first, second = queued(store), queued(store)
    lost = moved(store, first, RunState.STARTING, RunState.LOST)
    moved(store, lost, RunState.QUEUED, queued_at=first.queued_at.timestamp())
    assert [run.id for run in store.queue.waiting()] == [first.id, second.id]


def test_only_those_that_wait_and_shall_stop_can_be_asked_for(store):
    queued(store)
    run = queued(store)
    store.runs.request_stop(run.id)
    assert [found.id for found in store.queue.to_stop()] == [run.id]


@pytest.mark.parametrize("state", [state for state in RunState if state.final])
def test_a_run_that_has_ended_cannot_be_asked_to_stop(store, state):
    run = in_state(store, state)
    assert not store.runs.request_stop(run.id)
    assert not store.runs.get(run.id).stop_requested


def test_devices_in_use_are_those_of_runs_at_work(store):
    moved(store, queued(store), RunState.STARTING, device="gpu:1")
    moved(store, queued(store), RunState.STARTING, device="cpu")
    moved(store, moved(store, queued(store), RunState.STARTING, device="gpu:0"), RunState.FAILED)
    assert sorted(store.runs.devices_in_use()) == ["cpu", "gpu:1"]


def timed(store, hardware, steps):
    """A run on some hardware that has trained so many steps, a second each."""
    run = moved(store, queued(store, workload={"steps": steps}), RunState.STARTING, hardware=hardware)
    run = moved(store, run, RunState.RUNNING)
    if steps:
        store.reports.write(run.id, 1, {"timing": {"steps.0": [steps, float(steps)]}})
    return run


def test_times_are_those_of_the_latest_runs_that_trained_on_that_hardware(store):
    for steps in (1, 2, 3):
        timed(store, "a GPU", steps)
    timed(store, "a CPU", 4)
    timed(store, "a GPU", 0)

    found = store.runs.timings("a GPU", limit=3)

    assert [(load, timing.of(Stage.STEPS)) for load, timing in found] == [
        ({"steps": 3}, Lap(3, 3.0)),
        ({"steps": 2}, Lap(2, 2.0)),
    ]


def test_times_can_leave_out_the_run_they_are_for(store):
    run = timed(store, "a GPU", 2)
    timed(store, "a GPU", 1)

    found = store.runs.timings("a GPU", limit=9, without=run.id)

    assert [load for load, _ in found] == [{"steps": 1}]


def test_a_run_that_has_changed_is_not_deleted(store):
    seen = in_state(store, RunState.STOPPED)
    moved(store, seen, RunState.QUEUED)
    assert not store.runs.delete(seen)
    assert store.runs.get(seen.id).state is RunState.QUEUED


@pytest.mark.usefixtures("sqlite")
def test_the_supervisor_and_the_pages_find_their_runs_by_an_index(store):
    def look():
        store.queue.waiting()
        store.queue.to_stop()
        store.runs.active()
        store.runs.devices_in_use()
        store.runs.list(owner="ann")

    found = plans(store, look)
    assert len([plan for plan in found if plan.startswith("SEARCH runs USING INDEX ix_runs")]) == 5
    assert not [plan for plan in found if plan.startswith("SCAN")]


@pytest.mark.usefixtures("sqlite")
def test_the_runs_that_went_on_with_a_runs_weights_are_found_by_an_index(store):
    parent = queued(store)
    children = [queued(store, parent_id=parent.id, name=name) for name in ("first", "second")]
    queued(store, parent_id="another")
    assert store.runs.children(parent.id) == children
    assert any("ix_runs_parent" in plan for plan in plans(store, lambda: store.runs.children(parent.id)))
