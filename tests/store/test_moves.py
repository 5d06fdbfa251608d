"""Which moves there are, and that of many who try the same one, one succeeds."""

import multiprocessing
import threading
from itertools import product

import pytest

from dlcore.errors import Message, StateError
from dlcore.records import RunState
from dlcore.store import Store
from tests.store.samples import at_work, in_state, moved, queued

ALLOWED = {
    "queued": "starting stopped pruned failed",
    "starting": "running stopped failed lost",
    "running": "completed stopped pruned failed lost",
    "completed": "queued",
    "stopped": "queued",
    "pruned": "queued",
    "failed": "queued",
    "lost": "queued stopped pruned failed",
}


@pytest.mark.parametrize(("source", "target"), list(product(RunState, RunState)))
def test_a_run_makes_the_moves_of_the_table_and_no_other(store, source, target):
    run = in_state(store, source)
    if target.value in ALLOWED[source.value].split():
        assert store.runs.move(run, target)
        assert store.runs.get(run.id).state is target
    else:
        with pytest.raises(StateError, match=f"{source.value} cannot become {target.value}"):
            store.runs.move(run, target)
        assert store.runs.get(run.id) == run


def test_a_move_from_a_state_that_is_past_changes_nothing(store):
    seen = queued(store)
    moved(store, seen, RunState.STARTING)
    assert not store.runs.move(seen, RunState.STOPPED)
    assert store.runs.get(seen.id).state is RunState.STARTING


def test_a_move_of_an_attempt_that_is_past_changes_nothing(store):
    first = at_work(store)
    second = moved(store, first, RunState.LOST, RunState.QUEUED, RunState.STARTING, RunState.RUNNING)
    assert second.attempt == 2
    assert not store.runs.move(first, RunState.COMPLETED)
    assert store.runs.get(first.id).state is RunState.RUNNING


def test_starting_begins_an_attempt_and_forgets_the_process_before(store):
    run = moved(store, queued(store), RunState.STARTING)
    run = moved(store, run, RunState.RUNNING, host="here", pid=12, pid_started="boot:35")
    assert store.runs.process(run.id) == ("here", 12, "boot:35")
    again = moved(store, run, RunState.LOST, RunState.QUEUED, RunState.STARTING)
    assert again.attempt == 2
    assert store.runs.process(run.id) is None


def test_a_stop_asked_for_while_a_lost_run_returns_to_the_queue_is_kept(store):
    run = in_state(store, RunState.LOST)
    assert store.runs.request_stop(run.id)
    assert store.runs.move(run, RunState.QUEUED)
    assert store.runs.get(run.id).stop_requested


def test_a_reason_is_kept_as_a_sentence_that_can_still_be_translated(store):
    reason = Message("it asks for {n} GPUs.", "Use {m}.", "training", {"n": 2, "m": Message("one")})
    run = moved(store, queued(store), RunState.FAILED, reason=reason)
    assert run.reason == reason
    assert run.reason.text() == "training: it asks for 2 GPUs. Use one."


def test_moments_are_noted_with_the_moves(store):
    run = queued(store)
    assert (run.started_at, run.finished_at, run.heartbeat_at) == (None, None, None)
    run = moved(store, run, RunState.STARTING, RunState.RUNNING)
    began = run.started_at
    assert run.queued_at <= began
    run = moved(store, run, RunState.COMPLETED)
    assert run.finished_at >= began
    run = moved(store, run, RunState.QUEUED, RunState.STARTING, RunState.RUNNING)
    assert (run.started_at, run.finished_at) == (began, None)


def test_of_eight_threads_that_claim_a_run_one_gets_it(store):
    run = queued(store)
    barrier, won = threading.Barrier(8), []

    def claim():
        barrier.wait()
        won.append(store.runs.move(run, RunState.STARTING))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]
    assert store.runs.get(run.id).attempt == 1


def claim_all(settings, gate, answers):
    store = Store.open(settings)
    gate.wait()
    answers.put([run.id for run in store.queue.waiting() if store.runs.move(run, RunState.STARTING)])
    store.close()


def test_two_workers_cannot_claim_the_same_run(store, settings):
    wanted = {queued(store).id for _ in range(40)}
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(2), context.SimpleQueue()
    workers = [context.Process(target=claim_all, args=(settings, gate, answers)) for _ in range(2)]
    for worker in workers:
        worker.start()
    first, second = answers.get(), answers.get()
    for worker in workers:
        worker.join()
        worker.close()
    answers.close()
    assert sorted(first + second) == sorted(wanted)
    assert {run.attempt for run in store.runs.list()} == {1}
