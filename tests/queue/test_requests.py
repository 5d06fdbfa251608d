"""What people ask of the queue."""

import pytest

from dlcore.access.actors import Actor
from dlcore.errors import NotFoundError, SpecError, StateError
from dlcore.queue import delete, position, queue_length, request_stop, resume, submit
from dlcore.records import RunState
from dlcore.spec import ExperimentSpec
from tests.store.samples import at_work, in_state, losses, moved, queued, report

LAYERS = [{"kind": "Conv2D", "filters": 4}, {"kind": "Flatten"}, {"kind": "Dense"}]


def spec(**changes):
    return ExperimentSpec.from_dict(
        {
            "name": "small",
            "dataset": {"name": "digits"},
            "model": {"layers": LAYERS},
            "training": {"epochs": 4},
            **changes,
        }
    )


def test_a_submitted_run_waits_with_its_spec_as_it_was(store):
    wanted = spec()
    run = submit(store, wanted, owner="ann", parent_id="abcd")
    assert (run.state, run.name, run.owner, run.epochs) == (RunState.QUEUED, "small", "ann", 4)
    assert (run.spec, run.spec_hash, run.parent_id) == (wanted.to_dict(), wanted.hash, "abcd")
    assert ExperimentSpec.from_dict(store.runs.get(run.id).spec) == wanted
    assert submit(store, wanted, owner="ann", name="mine").name == "mine"


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        ({"dataset": {"name": "digit"}}, "dataset.name", "there is no dataset 'digit'. Nearest: digits"),
        (
            {"model": {"layers": [{"kind": "MaxPooling2D", "pool_size": 9}, *LAYERS[1:]]}},
            "model.layers[0].pool_size",
            "the window of 9 is larger than its input of 8",
        ),
        ({"model": {"layers": []}}, "model.layers", "the model has no layers"),
        (
            {"model": {"layers": ["Flatten", {"kind": "Dense", "units": 11}]}},
            "model.layers[1].units",
            "wrong number of outputs: the model gives 11, the dataset needs 10",
        ),
    ],
)
def test_what_cannot_be_run_is_refused_with_the_field_it_comes_from(store, changes, where, says):
    with pytest.raises(SpecError) as caught:
        submit(store, spec(**changes), owner="ann")
    assert str(caught.value.path).startswith(where)
    assert says in str(caught.value)
    assert store.runs.count() == 0


def test_places_in_the_queue_are_counted_from_one(store):
    first, second = submit(store, spec(), owner="ann"), submit(store, spec(), owner="bob")
    assert (position(store, first.id), position(store, second.id), queue_length(store)) == (1, 2, 2)
    moved(store, first, RunState.STARTING)
    assert (position(store, first.id), position(store, second.id), queue_length(store)) == (0, 1, 1)


@pytest.mark.parametrize("request_", [request_stop, resume, delete])
@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.STOPPED])
def test_nobody_changes_what_belongs_to_somebody_else(store, request_, state):
    run = in_state(store, state)
    with pytest.raises(NotFoundError):
        request_(store, run.id, actor=Actor("bob"))
    assert store.runs.get(run.id) == run


@pytest.mark.parametrize("request_", [request_stop, resume, delete])
def test_a_run_that_is_not_there_is_said_so(store, request_):
    with pytest.raises(NotFoundError):
        request_(store, "abcdef", actor=Actor("ann"))


def test_a_run_that_has_ended_cannot_be_stopped(store):
    run = in_state(store, RunState.COMPLETED)
    with pytest.raises(StateError, match="the run has already ended"):
        request_stop(store, run.id, actor=Actor("ann"))


@pytest.mark.parametrize("state", [RunState.STOPPED, RunState.FAILED, RunState.PRUNED])
def test_a_run_that_has_ended_before_its_time_goes_on_as_if_nobody_had_stopped_it(store, state):
    run = in_state(store, state)
    again = resume(store, run.id, actor=Actor("ann"))
    assert (again.state, again.epochs, again.reason) == (RunState.QUEUED, 3, None)
    assert not again.stop_requested


@pytest.mark.parametrize("state", [state for state in RunState if not state.final])
def test_a_run_that_has_not_ended_is_neither_resumed_nor_deleted(store, state):
    run = in_state(store, state)
    with pytest.raises(StateError, match="only one that has ended can be resumed"):
        resume(store, run.id, actor=Actor("ann"), epochs=9)
    with pytest.raises(StateError, match="only one that has ended can be deleted"):
        delete(store, run.id, actor=Actor("ann"))


def ended(store, state, *, epoch, epochs):
    run = at_work(store, epochs=epochs)
    store.reports.write(run.id, 1, {"epoch": epoch})
    return moved(store, run, state)


@pytest.mark.parametrize(
    ("state", "epoch", "goal", "allowed"),
    [
        (RunState.COMPLETED, 5, None, False),
        (RunState.COMPLETED, 5, 5, False),
        (RunState.COMPLETED, 5, 4, False),
        (RunState.COMPLETED, 5, 6, True),
        (RunState.STOPPED, 3, None, True),
        (RunState.STOPPED, 3, 4, True),
        (RunState.STOPPED, 3, 3, True),
        (RunState.STOPPED, 3, 2, False),
        (RunState.STOPPED, 0, 0, False),
        (RunState.STOPPED, 0, -1, False),
    ],
)
def test_a_resumed_run_never_gets_fewer_epochs_than_are_done(store, state, epoch, goal, allowed):
    run = ended(store, state, epoch=epoch, epochs=5)
    if allowed:
        assert resume(store, run.id, actor=Actor("ann"), epochs=goal).epochs == (goal or 5)
    else:
        with pytest.raises(StateError, match=f"epochs done: {epoch}, .* Ask for more epochs"):
            resume(store, run.id, actor=Actor("ann"), epochs=goal)


def test_a_run_that_ended_early_by_itself_wants_more_than_it_had(store):
    run = ended(store, RunState.COMPLETED, epoch=3, epochs=5)
    with pytest.raises(StateError, match=r"ended by itself before epoch 5\. Ask for more epochs than 5"):
        resume(store, run.id, actor=Actor("ann"))
    assert resume(store, run.id, actor=Actor("ann"), epochs=6).epochs == 6


def test_a_resumed_run_has_all_its_lives_again(store):
    run = in_state(store, RunState.LOST)
    run = moved(store, run, RunState.FAILED, lost_count=7)
    resume(store, run.id, actor=Actor("ann"))
    assert store.runs.lost_count(run.id) == 0


def test_a_deleted_run_leaves_nothing(store):
    run = at_work(store)
    report(store, run, *losses((1, 0.5)))
    store.reports.write(run.id, 1, {}, lines=[(0.0, "a line")])
    (store.artifacts.create(run.id) / "model.keras").write_text("x")
    run = moved(store, run, RunState.COMPLETED)
    delete(store, run.id, actor=Actor("ann"))
    with pytest.raises(NotFoundError):
        store.runs.get(run.id)
    assert store.metrics.series(run.id) == ()
    assert store.logs.tail(run.id, 9) == []
    assert not store.artifacts.folder(run.id).exists()


def test_a_run_is_deleted_once(store):
    run = queued(store)
    run = moved(store, run, RunState.STOPPED)
    delete(store, run.id, actor=Actor("ann"))
    with pytest.raises(NotFoundError):
        delete(store, run.id, actor=Actor("ann"))
