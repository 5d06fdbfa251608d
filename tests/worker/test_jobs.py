"""Jobs beside runs, with real processes that compute nothing."""

import multiprocessing.forkserver
import os
import signal
import subprocess
import sys

import pytest

from dlcore.queue import request_job
from dlcore.queue.start import ROOT
from dlcore.records import JobState, RunState
from dlcore.worker.jobs import TIMEOUT_SECONDS
from tests.store.samples import queued
from tests.waiting import wait_for
from tests.worker.fake_run import enough

pytestmark = pytest.mark.processes


def asked(store, what="done", **arguments):
    return request_job(store, what, arguments, owner="ann")


def begun(settings):
    """Id, attempt, pid and visible GPUs of each process that began."""
    note = settings.home / "jobs.txt"
    return [line.split() for line in note.read_text().splitlines()] if note.exists() else []


def final(store, *jobs):
    return lambda: all(store.jobs.get(job.id).state.final for job in jobs)


def running(settings, count=1):
    return lambda: len(begun(settings)) >= count


def test_a_job_is_done_though_every_slot_is_taken_and_leaves_the_gpus_alone(store, settings, drive):
    run = queued(store, name="patient")
    driven = drive()
    driven.until(driven.at_epoch(run.id, 1))
    job = asked(store, number=1)
    driven.until(final(store, job))
    done = store.jobs.get(job.id)
    assert (done.state, done.attempt, done.reason) == (JobState.DONE, 1, None)
    assert done.finished_at >= done.created_at
    assert [row[3] for row in begun(settings)] == ["-1"]
    assert store.runs.get(run.id).state is RunState.RUNNING


def test_two_jobs_work_at_the_same_time_and_the_newest_goes_first(store, settings, drive):
    jobs = [asked(store, "patient", number=number) for number in range(4)]
    driven = drive()
    driven.until(running(settings, 2))
    driven.until(driven.beats(2))
    assert {row[0] for row in begun(settings)} == {jobs[3].id, jobs[2].id}
    enough(settings.home)
    driven.until(final(store, *jobs))
    assert [store.jobs.get(job.id).attempt for job in jobs] == [1, 1, 1, 1]


def test_a_job_that_fails_says_why(store, drive):
    job = asked(store, "fail")
    driven = drive()
    driven.until(final(store, job))
    assert store.jobs.get(job.id).reason.text() == "it cannot be done."


def test_a_killed_job_fails_and_is_done_again_only_when_asked(store, settings, drive):
    job = asked(store, "patient")
    driven = drive()
    driven.until(running(settings))
    os.kill(int(begun(settings)[0][2]), signal.SIGKILL)
    driven.until(final(store, job))
    killed = store.jobs.get(job.id)
    assert killed.reason.text() == "its process was killed, by somebody or for want of memory."
    assert asked(store, "patient") == killed
    again = request_job(store, "patient", {}, owner="ann", retry=True)
    assert (again.id, again.state, again.reason) == (job.id, JobState.QUEUED, None)


def test_a_job_whose_process_crashes_fails(store, drive):
    job = asked(store, "crash")
    driven = drive()
    driven.until(final(store, job))
    assert store.jobs.get(job.id).reason.text() == "its process ended unexpectedly (exit code 3)."


def test_a_job_that_takes_too_long_is_ended(store, settings, drive):
    job = asked(store, "patient")
    driven = drive()
    driven.until(running(settings))
    driven.passed = TIMEOUT_SECONDS + 1
    driven.until(final(store, job))
    assert store.jobs.get(job.id).reason.text() == "it took too long. Ask for less, then try again."
    pid = int(begun(settings)[0][2])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_job_that_was_taken_back_is_not_started(store, settings, drive):
    jobs = [asked(store, "patient", number=number) for number in range(3)]
    driven = drive()
    driven.until(running(settings, 2))
    store.jobs.withdraw(jobs[0].id)
    store.jobs.withdraw(jobs[2].id)
    enough(settings.home)
    driven.until(final(store, *jobs[1:]))
    driven.supervisor.tick()
    assert store.jobs.find(jobs[0].id) is None
    assert len(begun(settings)) == 2


def test_a_job_goes_on_after_its_supervisor_was_killed(store, settings, drive):
    first = subprocess.Popen(
        [sys.executable, "-m", "tests.worker.fake_worker"],
        cwd=ROOT,
        env={**os.environ, **settings.environment()},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    job = asked(store, "patient")
    wait_for(running(settings))
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    enough(settings.home)
    driven = drive()
    driven.until(final(store, job))
    assert (store.jobs.get(job.id).state, store.jobs.get(job.id).attempt) == (JobState.DONE, 2)


def test_a_job_that_went_down_with_the_forkserver_again_and_again_fails(store, settings, drive):
    job = asked(store, "patient")
    driven = drive()
    for number in range(1, 4):
        driven.until(running(settings, number))
        os.kill(multiprocessing.forkserver._forkserver._forkserver_pid, signal.SIGKILL)
        os.kill(int(begun(settings)[-1][2]), signal.SIGKILL)
    driven.until(final(store, job))
    failed = store.jobs.get(job.id)
    assert (failed.attempt, failed.reason.text()) == (3, "its process was killed.")


def test_a_supervisor_that_ends_gives_its_jobs_back(store, settings, drive):
    job = asked(store, "patient")
    driven = drive()
    driven.until(running(settings))
    driven.supervisor.end()
    driven.supervisor.run()
    assert store.jobs.get(job.id).state is JobState.QUEUED
