"""The supervisor with real processes that train nothing."""

import multiprocessing.forkserver
import os
import signal
import sqlite3
import threading

import psutil
import pytest
from sqlalchemy import update

from dlcore.access.actors import Actor
from dlcore.errors import Message
from dlcore.queue import delete, request_stop, worker_alive
from dlcore.queue.processes import host, is_gone
from dlcore.records import RunState
from dlcore.store import PROGRAM, Identity, database
from dlcore.store.runs import add_run
from dlcore.store.tables import runs
from dlcore.worker.supervisor import BIRTH_SECONDS, RESTART_SECONDS
from tests.store.samples import SPEC, moved, queued
from tests.store.test_studies import new_study
from tests.waiting import wait_for
from tests.worker.enough import enough
from tests.worker.fake_run import freeze, starts

pytestmark = pytest.mark.processes


def pid_of(store, run):
    return store.runs.process(run.id)[1]


def test_runs_are_done_one_after_the_other_in_the_order_they_came(store, drive):
    ids = [queued(store).id for _ in range(3)]
    driven = drive()
    driven.until(driven.ended(*ids))
    done = [store.runs.get(run_id) for run_id in ids]
    assert [run.state for run in done] == [RunState.COMPLETED] * 3
    assert [run.attempt for run in done] == [1, 1, 1]
    assert done[0].finished_at <= done[1].started_at
    assert done[1].finished_at <= done[2].started_at


def test_two_slots_take_two_runs_at_the_same_time(store, settings, drive):
    one, two = (queued(store, name="patient").id for _ in range(2))
    driven = drive(slots=2)
    driven.until(lambda: driven.at_epoch(one, 1)() and driven.at_epoch(two, 1)())
    assert [store.runs.get(run_id).state for run_id in (one, two)] == [RunState.RUNNING] * 2
    enough(settings.home)
    driven.until(driven.ended(one, two))


def test_a_killed_run_goes_on_by_itself_from_its_last_epoch(store, settings, drive):
    run = queued(store, name="patient")
    driven = drive()
    driven.until(driven.at_epoch(run.id, 2))
    os.kill(pid_of(store, run), signal.SIGKILL)
    driven.until(lambda: store.runs.get(run.id).attempt == 2)
    reason = store.runs.get(run.id).reason.text()
    assert reason == (
        "its process was killed, possibly because memory ran out. It resumes from its last checkpoint."
    )
    seen = store.runs.get(run.id).epoch
    driven.until(driven.at_epoch(run.id, seen + 1))
    enough(settings.home)
    driven.until(driven.ended(run.id))
    done = store.runs.get(run.id)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 2)
    assert done.epoch > seen >= 2
    assert [attempt for _, attempt, _ in starts(settings.home)] == [1, 2]


def test_a_run_that_comes_back_is_before_those_that_came_later(store, settings, drive):
    first, second = queued(store, name="patient"), queued(store)
    driven = drive()
    driven.until(driven.at_epoch(first.id, 1))
    os.kill(pid_of(store, first), signal.SIGKILL)
    driven.until(lambda: store.runs.get(first.id).attempt == 2)
    enough(settings.home)
    driven.until(driven.ended(second.id))
    assert store.runs.get(first.id).finished_at <= store.runs.get(second.id).started_at


def test_a_process_that_hangs_is_killed_and_its_run_goes_on(store, settings, drive):
    run = queued(store, name="hang", epochs=4)
    driven = drive()
    driven.until(driven.at_epoch(run.id, 1))
    who = Identity("", host(), pid_of(store, run), store.runs.process(run.id)[2])
    wait_for(lambda: psutil.Process(who.pid).status() == psutil.STATUS_STOPPED)
    driven.until(driven.beats(2))
    assert store.runs.get(run.id).attempt == 1
    driven.passed = settings.lost_seconds + 1
    driven.until(driven.ended(run.id))
    done = store.runs.get(run.id)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 2)
    wait_for(lambda: is_gone(who))


def test_a_process_that_still_imports_what_it_needs_is_not_lost(store, settings, drive):
    run = queued(store, name="importing", epochs=2)
    driven = drive()
    driven.until(lambda: store.runs.get(run.id).state is RunState.STARTING)
    driven.until(driven.beats(2))
    driven.passed = settings.lost_seconds + 1
    driven.until(driven.beats(2))
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.STARTING, 1)
    enough(settings.home)
    driven.until(driven.ended(run.id))
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.COMPLETED, 1)


def test_a_process_that_never_says_who_it_is_is_started_again(store, settings, drive):
    run = queued(store, name="importing", epochs=2)
    driven = drive()
    driven.until(lambda: store.runs.get(run.id).state is RunState.STARTING)
    driven.until(driven.beats(2))
    driven.passed = BIRTH_SECONDS + 1
    driven.until(lambda: store.runs.get(run.id).attempt == 2)
    enough(settings.home)
    driven.until(driven.ended(run.id))
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.COMPLETED, 2)


def test_a_trial_that_a_dead_supervisor_left_as_lost_is_brought_back(store, drive):
    plain = queued(store)
    study = new_study(store)
    with store.database.write() as connection:
        given = {"spec": plain.spec, "spec_hash": "", "name": "t", "owner": "ann", "dataset": "digits"}
        trial = add_run(connection, **given, epochs=2, study_id=study.id, trial=0, repeat=0)
    moved(store, store.runs.get(trial), RunState.STARTING, RunState.LOST)
    driven = drive()
    driven.until(driven.ended(trial, plain.id))
    assert store.runs.get(trial).state is RunState.COMPLETED


@pytest.mark.parametrize("name", ["crash", "stillborn"])
def test_a_run_that_is_lost_again_and_again_fails_with_advice(store, drive, name):
    run = queued(store, name=name)
    driven = drive()
    driven.until(driven.ended(run.id))
    failed = store.runs.get(run.id)
    assert (failed.state, failed.attempt) == (RunState.FAILED, 3)
    assert failed.reason.text() == (
        "its process ended 3 times unexpectedly; the last time: its process ended unexpectedly "
        "(exit code 3). It may have run out of memory: try a batch size of 16, then resume it."
    )


def test_a_run_that_waits_is_stopped_though_no_slot_is_free(store, drive):
    first, second = queued(store, name="patient"), queued(store)
    driven = drive()
    driven.until(driven.at_epoch(first.id, 1))
    request_stop(store, second.id, actor=Actor("ann"))
    driven.until(driven.ended(second.id))
    assert store.runs.get(second.id).state is RunState.STOPPED
    assert store.runs.get(second.id).attempt == 0
    assert store.runs.get(first.id).state is RunState.RUNNING


def test_a_run_that_was_to_stop_when_it_was_killed_is_not_started_again(store, drive):
    run = queued(store, name="hang")
    driven = drive()
    driven.until(driven.at_epoch(run.id, 1))
    request_stop(store, run.id, actor=Actor("ann"))
    os.kill(pid_of(store, run), signal.SIGKILL)
    driven.until(driven.ended(run.id))
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.STOPPED, 1)


def test_a_stop_that_comes_while_a_run_starts_is_heeded(store, drive):
    run = queued(store, name="patient")
    driven = drive()
    driven.until(lambda: store.runs.get(run.id).attempt == 1)
    request_stop(store, run.id, actor=Actor("ann"))
    driven.until(driven.ended(run.id))
    assert store.runs.get(run.id).state is RunState.STOPPED


def test_a_run_deleted_before_its_process_is_seen_off_harms_nobody(store, drive):
    run, other = queued(store), queued(store)
    driven = drive()
    driven.until(lambda: store.runs.get(run.id).attempt == 1)
    wait_for(lambda: store.runs.get(run.id).state.final)
    delete(store, run.id, actor=Actor("ann"))
    driven.until(driven.ended(other.id))
    assert [found.id for found in store.runs.list()] == [other.id]


def test_a_gpu_that_is_not_there_fails_the_run_and_says_so(store, drive):
    spec = {**SPEC, "training": {**SPEC["training"], "device": "gpu:3"}}
    run = queued(store, spec=spec)
    driven = drive()
    driven.until(driven.ended(run.id))
    failed = store.runs.get(run.id)
    assert failed.state is RunState.FAILED
    assert failed.reason.text() == (
        "training.device: it asks for gpu:3; GPUs of this machine: 0. "
        "Duplicate it and choose device auto or cpu."
    )


def test_a_run_placed_by_a_supervisor_that_died_then_is_placed_again(store, drive, monkeypatch):
    monkeypatch.setattr("dlcore.worker.supervisor.UNBORN_SECONDS", 0.3)
    run = moved(store, queued(store), RunState.STARTING)
    driven = drive()
    driven.until(driven.ended(run.id))
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.COMPLETED, 2)


def test_a_run_of_another_machine_is_left_alone_until_it_was_silent_for_long(store, settings, drive):
    run = moved(store, queued(store), RunState.STARTING)
    run = moved(store, run, RunState.RUNNING, host="elsewhere", pid=os.getpid(), pid_started="boot:1")
    driven = drive()
    driven.until(driven.beats(3))
    assert store.runs.get(run.id).state is RunState.RUNNING
    driven.passed = settings.lost_seconds + 1
    driven.until(driven.ended(run.id))
    assert store.runs.get(run.id).attempt == 2


def test_a_machine_that_slept_does_not_kill_its_runs_when_it_wakes(store, settings, drive):
    run = queued(store, name="patient")
    driven = drive()
    driven.until(driven.at_epoch(run.id, 1))
    freeze(store, pid_of(store, run))
    with store.database.write() as connection:
        connection.execute(update(runs).values(heartbeat_at=runs.c.heartbeat_at - 3600))
    driven.until(driven.beats(2))
    os.kill(pid_of(store, run), signal.SIGCONT)
    enough(settings.home)
    driven.until(driven.ended(run.id))
    assert store.runs.get(run.id).attempt == 1


@pytest.mark.parametrize("seconds", [2, -3600])
def test_a_clock_that_is_set_costs_no_run_and_no_lease(store, settings, drive, monkeypatch, seconds):
    run = queued(store, name="patient")
    driven = drive()
    driven.until(driven.at_epoch(run.id, 1))
    booted = psutil.boot_time()
    # What Linux does to the moment of the boot when the clock is set.
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: booted + seconds)
    driven.until(driven.beats(2))
    assert worker_alive(store, settings)
    new = Identity("new", host(), os.getpid(), "boot:1")
    assert not store.workers.acquire(new, slots=1, lost_seconds=settings.lost_seconds, is_gone=is_gone)
    enough(settings.home)
    driven.until(driven.ended(run.id))
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.COMPLETED, 1)


def test_the_child_of_a_forkserver_that_was_killed_goes_on_and_is_not_started_twice(store, settings, drive):
    run, second = queued(store, name="patient"), queued(store)
    driven = drive()
    driven.until(driven.at_epoch(run.id, 1))
    os.kill(multiprocessing.forkserver._forkserver._forkserver_pid, signal.SIGKILL)
    seen = store.runs.get(run.id).epoch
    driven.until(driven.at_epoch(run.id, seen + 2))
    enough(settings.home)
    driven.until(driven.ended(run.id, second.id))
    assert [attempt for _, attempt, _ in starts(settings.home)] == [1, 1]
    assert store.runs.get(second.id).state is RunState.COMPLETED


def test_a_store_that_was_locked_for_long_costs_no_run(store, settings, drive, monkeypatch):
    run = queued(store, name="patient")
    driven = drive()
    driven.until(driven.at_epoch(run.id, 1))
    # So that it is not its sign of life that saves it, but the supervisor's patience.
    pid = pid_of(store, run)
    freeze(store, pid)
    driven.until(driven.beats(2))
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 50)
    store.database.engine.dispose()
    other = sqlite3.connect(store.database.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    supervising = threading.Thread(target=driven.supervisor.run)
    supervising.start()
    wait_for(lambda: "another process has the store locked" in "".join(driven.lines))
    driven.passed = settings.lost_seconds + 1
    other.rollback()
    other.close()
    beat = store.workers.current().heartbeat_at
    wait_for(lambda: store.workers.current().heartbeat_at > beat)
    os.kill(pid, signal.SIGCONT)
    enough(settings.home)
    wait_for(driven.ended(run.id))
    driven.supervisor.end()
    supervising.join()
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.COMPLETED, 1)


def test_a_supervisor_that_lost_its_lease_places_nothing_more(store, drive):
    driven = drive()
    driven.until(lambda: store.workers.current().ready)
    new = Identity("new", "here", 1, "boot:1")
    assert store.workers.acquire(new, slots=1, lost_seconds=15.0, is_gone=lambda who: True)
    run = queued(store)
    assert not driven.supervisor.run()
    assert driven.lines[-1] == (
        f"a supervisor of version {PROGRAM.version} has taken over: this one leaves, its runs go on"
    )
    assert store.runs.get(run.id).state is RunState.QUEUED


class Mortal:
    """A companion that lives until it is told to die."""

    def __init__(self):
        self.alive, self.trouble, self.begun = False, None, []

    def start(self, worker_id):
        self.alive, self.begun = True, [*self.begun, worker_id]

    def die(self):
        self.alive, self.trouble = False, Message("it broke.")

    def close(self):
        self.alive = False


def test_a_companion_that_has_ended_is_started_again_and_its_trouble_is_told(store, drive):
    companion = Mortal()
    driven = drive(companion=companion)
    me = store.workers.current().id
    driven.until(driven.beats(1))
    assert (companion.begun, store.workers.current().trouble) == ([me], None)
    companion.die()
    driven.until(driven.beats(2))
    # Not at once: what breaks each time must not fill the log.
    assert companion.begun == [me]
    assert store.workers.current().trouble == Message("it broke.")
    driven.passed = RESTART_SECONDS + 1
    driven.until(driven.beats(2))
    assert companion.begun == [me, me]
    companion.trouble = None
    driven.until(driven.beats(2))
    assert store.workers.current().trouble is None


def test_a_run_is_placed_without_hiding_what_troubles_the_companion(store, settings, drive):
    companion = Mortal()
    driven = drive(companion=companion)
    driven.until(lambda: store.workers.current().ready)
    companion.die()
    run = queued(store, name="patient")
    driven.until(lambda: store.runs.get(run.id).state is not RunState.QUEUED)
    assert store.workers.current().trouble == Message("it broke.")
