"""Supervisors as processes: killed, asked to end, started by many at once."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from sqlalchemy import update

from dlcore.queue import ensure_worker, request_stop, worker_alive
from dlcore.queue.processes import myself
from dlcore.queue.start import ROOT
from dlcore.records import RunState
from dlcore.store import Store
from dlcore.store.tables import workers
from tests.store.samples import queued
from tests.waiting import wait_for
from tests.worker.fake_run import starts

pytestmark = pytest.mark.processes


@pytest.fixture
def begin(settings):
    """Starts supervisors, each a process of its own."""
    begun = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.worker.fake_worker"],
            cwd=ROOT,
            env={**os.environ, **settings.environment()},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def at_epoch(store, run, epoch):
    return lambda: store.runs.get(run.id).epoch >= epoch


def test_a_run_outlives_its_killed_supervisor_and_the_next_one_adopts_it(store, settings, begin):
    run, later = queued(store, epochs=25), queued(store, epochs=2)
    first = begin()
    wait_for(at_epoch(store, run, 1))
    first.kill()
    first.wait()
    seen = store.runs.get(run.id).epoch
    wait_for(at_epoch(store, run, seen + 2))
    begin()
    wait_for(lambda: store.runs.get(later.id).state.final)
    done = store.runs.get(run.id)
    assert (done.state, done.attempt, done.epoch) == (RunState.COMPLETED, 1, 25)
    assert [(run_id, attempt) for run_id, attempt, _ in starts(settings.home)] == [(run.id, 1), (later.id, 1)]
    assert done.finished_at <= store.runs.get(later.id).started_at


def test_an_adopted_run_that_is_killed_goes_on(store, settings, begin):
    run = queued(store, epochs=15)
    first = begin()
    wait_for(at_epoch(store, run, 1))
    first.kill()
    first.wait()
    begin()
    wait_for(lambda: worker_alive(store, settings))
    os.kill(store.runs.process(run.id)[1], signal.SIGKILL)
    wait_for(lambda: store.runs.get(run.id).state.final)
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.COMPLETED, 2)


def test_a_supervisor_that_is_asked_to_end_gives_its_runs_back(store, settings, begin):
    run = queued(store, epochs=50)
    worker = begin()
    wait_for(at_epoch(store, run, 2))
    worker.terminate()
    assert worker.wait(20) == 0
    assert (settings.home / "store.sqlite-wal").stat().st_size == 0
    given = store.runs.get(run.id)
    assert (given.state, given.attempt) == (RunState.QUEUED, 1)
    assert given.epoch >= 2
    assert store.runs.lost_count(run.id) == 0
    assert store.workers.current() is None
    begin()
    wait_for(lambda: store.runs.get(run.id).attempt == 2)


def test_a_supervisor_that_is_asked_to_end_ends_adopted_runs_too(store, settings, begin):
    run = queued(store, epochs=50)
    first = begin()
    wait_for(at_epoch(store, run, 1))
    first.kill()
    first.wait()
    second = begin()
    wait_for(lambda: worker_alive(store, settings))
    second.terminate()
    assert second.wait(20) == 0
    assert store.runs.get(run.id).state is RunState.QUEUED


def test_of_two_supervisors_one_works_and_the_other_leaves(store, settings, begin):
    run = queued(store, epochs=8)
    both = [begin(), begin()]
    wait_for(lambda: [process for process in both if process.poll() is not None])
    wait_for(lambda: store.runs.get(run.id).state.final)
    assert len([process for process in both if process.poll() is None]) == 1
    assert len(starts(settings.home)) == 1


def test_a_supervisor_that_hangs_is_replaced_and_leaves_when_it_wakes(store, settings, begin):
    first = begin()
    wait_for(lambda: worker_alive(store, settings))
    held = store.workers.current()
    os.kill(first.pid, signal.SIGSTOP)
    wait_for(lambda: not worker_alive(store, settings))
    begin()
    wait_for(lambda: store.workers.current().id != held.id)
    run = queued(store, epochs=5)
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait(20) == 0
    wait_for(lambda: store.runs.get(run.id).state.final)
    assert len(starts(settings.home)) == 1


def test_a_stopped_run_needs_a_supervisor_only_to_be_told(store, begin):
    run = queued(store)
    request_stop(store, run.id, actor="ann")
    begin()
    wait_for(lambda: store.runs.get(run.id).state is RunState.STOPPED)
    assert store.runs.get(run.id).reason.text() == "stopped before it started."


def ensure(settings, gate):
    store = Store.open(settings)
    gate.wait()
    ensure_worker(settings, store)
    wait_for(lambda: worker_alive(store, settings))
    store.close()


def test_of_eight_processes_that_want_a_supervisor_one_starts_it(store, settings):
    context = multiprocessing.get_context("forkserver")
    gate = context.Barrier(8)
    many = [context.Process(target=ensure, args=(settings, gate)) for _ in range(8)]
    for process in many:
        process.start()
    for process in many:
        process.join()
    codes = [process.exitcode for process in many]
    for process in many:
        process.close()
    pid = store.workers.current().pid
    assert pid == int((settings.home / "worker.pid").read_text())
    assert worker_alive(store, settings)
    os.killpg(pid, signal.SIGKILL)
    assert codes == [0] * 8
    assert (settings.home / "worker.log").read_text().count("supervising") == 1
    wait_for(lambda: not worker_alive(store, settings))


def test_a_supervisor_is_alive_as_long_as_it_lives_and_says_so(store, settings):
    assert not worker_alive(store, settings)
    store.workers.acquire(myself(), slots=1, lost_seconds=9.0, is_gone=lambda who: False)
    assert worker_alive(store, settings)
    with store.database.write() as connection:
        connection.execute(update(workers).values(heartbeat_at=time.time() - 2.5))
    assert not worker_alive(store, settings)
    with store.database.write() as connection:
        connection.execute(update(workers).values(heartbeat_at=time.time(), pid=2**30))
    assert not worker_alive(store, settings)
