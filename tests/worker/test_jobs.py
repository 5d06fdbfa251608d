"""Jobs beside runs, with real processes that compute nothing."""

import os
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from dlcore.access.actors import Actor
from dlcore.errors import NotFoundError, StateError
from dlcore.queue import cancel_job
from dlcore.queue.start import ROOT
from dlcore.records import JobState, JobUnit, RunState
from tests.store.samples import queued
from tests.waiting import wait_for
from tests.worker.enough import enough

pytestmark = pytest.mark.processes


def asked(store, what="done", **arguments):
    return store.jobs.request(what, arguments, owner="ann")


def begun(settings):
    """Id, attempt, pid and visible GPUs of each process that began."""
    note = settings.home / "jobs.txt"
    return [line.split() for line in note.read_text().splitlines()] if note.exists() else []


def final(store, *jobs):
    return lambda: all(store.jobs.get(job.id).state.final for job in jobs)


def running(settings, count=1):
    return lambda: len(begun(settings)) >= count


def is_gone(pid):
    """Whether a process has ended; whoever inherits it may take seconds to notice that."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


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
    assert store.jobs.result(done) == {"said": "done"}
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
    assert killed.reason.text() == "its process was killed, possibly because memory ran out."
    assert asked(store, "patient") == killed
    again = store.jobs.request("patient", {}, owner="ann", again=True)
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
    driven.passed = settings.job_seconds + 1
    driven.until(final(store, job))
    assert store.jobs.get(job.id).reason.text() == (
        "it took longer than the 600 seconds that a job may take. "
        "Use less data, or ask the administrator to raise DLCORE_JOB_SECONDS."
    )
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


def test_a_job_ends_by_itself_when_its_processor_time_is_used_up(store, settings, drive):
    job = asked(store, "spin")
    driven = drive(job_seconds=1)
    driven.until(running(settings))
    wait_for(lambda: is_gone(int(begun(settings)[0][2])))
    driven.until(final(store, job))
    assert store.jobs.get(job.id).reason.text().startswith("it took longer than the 1 seconds")


def test_a_job_that_takes_all_memory_is_told_so_and_the_machine_keeps_it(store, drive):
    job = asked(store, "hog")
    driven = drive(job_memory_mb=300)
    driven.until(final(store, job))
    assert store.jobs.get(job.id).reason.text() == (
        "it needs more than the 300 MB of memory that a job may use. "
        "Use a smaller file, or ask the administrator to raise DLCORE_JOB_MEMORY_MB."
    )


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_of_native_code_that_crashes_the_memory_may_be_the_cause(number, store, drive):
    job = asked(store, "die", signal=int(number))
    driven = drive(job_memory_mb=300)
    driven.until(final(store, job))
    assert store.jobs.get(job.id).reason.text() == (
        "its process crashed: the file is damaged, or needs more than 300 MB of memory. "
        "Use another file, or ask the administrator to raise DLCORE_JOB_MEMORY_MB."
    )


def test_a_file_that_grows_too_large_ends_the_job(store, drive):
    job = asked(store, "write")
    driven = drive(max_dataset_bytes=64 * 2**20)
    driven.until(final(store, job))
    assert store.jobs.get(job.id).reason.text() == (
        "it would write a file of more than 64 MB. "
        "Use less data, or ask the administrator to raise DLCORE_MAX_DATASET_BYTES."
    )


def test_a_job_that_reads_a_strangers_file_has_no_network(store, drive):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.0)
        job = asked(store, "dial", port=listening.getsockname()[1])
        driven = drive()
        driven.until(final(store, job))
        assert store.jobs.result(store.jobs.get(job.id))["said"] in ("OSError", "PermissionError")
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_a_job_tells_how_far_it_is_and_is_cancelled_at_once(store, settings, drive):
    job = asked(store, "patient")
    driven = drive()
    driven.until(lambda: store.jobs.get(job.id).done > 10)
    seen = store.jobs.get(job.id)
    assert (seen.total, seen.unit, seen.state) == (10**9, JobUnit.FILES, JobState.RUNNING)
    with pytest.raises(NotFoundError):
        cancel_job(store, job.id, actor=Actor("eve"))
    cancel_job(store, job.id, actor=Actor("ann"))
    driven.until(final(store, job))
    cancelled = store.jobs.get(job.id)
    assert (cancelled.state, cancelled.reason) == (JobState.CANCELLED, None)
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun(settings)[0][2]), 0)
    with pytest.raises(StateError):
        cancel_job(store, job.id, actor=Actor("ann"))
    enough(settings.home)
    assert store.jobs.request("patient", {}, owner="ann", again=True).state is JobState.QUEUED
    driven.until(final(store, job))
    assert store.jobs.get(job.id).state is JobState.DONE


def test_a_job_that_was_to_be_cancelled_when_its_supervisor_died_does_not_come_back(store, drive):
    job = asked(store)
    store.jobs.start(job)
    cancel_job(store, job.id, actor=Actor("ann"))
    driven = drive()
    driven.until(final(store, job))
    assert store.jobs.get(job.id).state is JobState.CANCELLED


def test_jobs_with_keras_wait_for_it_and_the_others_do_not(store, drive):
    keras, light = asked(store, "patient_with_keras"), asked(store)
    driven = drive()
    wait_for(lambda: driven.jobs.tick(ready=False) or store.jobs.get(light.id).state.final)
    assert store.jobs.get(keras.id).state is JobState.QUEUED
    enough(store.settings.home)
    driven.until(final(store, keras))
    assert store.jobs.get(keras.id).state is JobState.DONE


def test_long_jobs_wait_for_each_other_in_their_order_and_keep_nobody_waiting(store, settings, drive):
    long = [asked(store, "patient_and_long", number=number) for number in range(3)]
    driven = drive()
    driven.until(running(settings, 2))
    short = asked(store)
    driven.until(final(store, short))
    assert {row[0] for row in begun(settings)} == {long[0].id, long[1].id, short.id}


def test_a_job_that_nobody_knows_fails_and_names_those_there_are(store, drive):
    job = asked(store, "patiend")
    driven = drive()
    driven.until(final(store, job))
    assert store.jobs.get(job.id).reason.text().startswith("there is no job 'patiend'. Nearest: patient")


@pytest.mark.parametrize("what", ["patient", "patient_with_keras"])
def test_a_job_whose_process_goes_again_and_again_with_where_it_came_from_fails(
    what, store, settings, drive, monkeypatch
):
    monkeypatch.setattr("dlcore.worker.executors.nursery.RESTART_SECONDS", 0.1)
    job = asked(store, what)
    driven = drive()
    for number in range(1, 4):
        driven.until(running(settings, number))
        child = psutil.Process(int(begun(settings)[-1][2]))
        child.parent().kill()
        child.kill()
    driven.until(final(store, job))
    failed = store.jobs.get(job.id)
    assert (failed.attempt, failed.reason.text()) == (
        3,
        "its process was killed 3 times. Try again; worker.log in DLCORE_HOME tells more.",
    )


def test_the_processes_of_jobs_end_with_where_they_came_from(store, settings, drive):
    asked(store, "patient")
    driven = drive()
    driven.until(running(settings))
    child = psutil.Process(int(begun(settings)[0][2]))
    child.parent().kill()
    wait_for(lambda: is_gone(child.pid))


@pytest.mark.parametrize("what", ["patient", "patient_with_keras"])
def test_a_supervisor_that_ends_gives_its_jobs_back_as_if_never_begun(what, store, settings, drive):
    job = asked(store, what)
    driven = drive()
    driven.until(running(settings))
    driven.supervisor.end()
    driven.supervisor.run()
    back = store.jobs.get(job.id)
    assert (back.state, back.lost_count) == (JobState.QUEUED, 0)
    wait_for(lambda: is_gone(int(begun(settings)[0][2])))
