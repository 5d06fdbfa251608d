"""Supervisors as processes: killed, asked to end, started by many at once."""

import multiprocessing
import multiprocessing.forkserver
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from dlcore.access.actors import Actor
from dlcore.errors import StoreError
from dlcore.queue import ensure_worker, request_stop, worker_alive
from dlcore.queue.processes import own_identity
from dlcore.queue.start import ROOT, STARTING_SECONDS, _still_starting, end_worker
from dlcore.records import RunState
from dlcore.store import PROGRAM, Store
from dlcore.store.tables import workers
from dlcore.worker.executors.base import FROZEN
from tests.store.samples import queued
from tests.waiting import PATIENCE, wait_for
from tests.worker.enough import enough
from tests.worker.fake_run import freeze, starts

pytestmark = pytest.mark.processes


@pytest.fixture
def begin(settings, store):
    """Starts supervisors, each a process of its own."""
    begun = []

    def start(version=PROGRAM.version):
        # To a file: a pipe would stay open as long as its runs.
        with (settings.home / "said.txt").open("a") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.worker.fake_worker"],
                cwd=ROOT,
                env={**os.environ, **settings.environment(), "FAKE_VERSION": version},
                stdout=said,
                start_new_session=True,
            )
        begun.append(process)
        return process

    yield start
    for process in begun:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with suppress(ProcessLookupError, AttributeError):  # one that took over from them
        os.killpg(store.workers.current().pid, signal.SIGKILL)


def ready(store):
    holder = store.workers.current()
    return holder is not None and holder.ready


def at_epoch(store, run, epoch):
    return lambda: store.runs.get(run.id).epoch >= epoch


@pytest.mark.usefixtures("every_store")
def test_a_run_outlives_its_killed_supervisor_and_the_next_one_adopts_it(store, settings, begin):
    run, later = queued(store, name="patient"), queued(store, epochs=2)
    first = begin()
    wait_for(at_epoch(store, run, 1))
    first.kill()
    first.wait()
    seen = store.runs.get(run.id).epoch
    wait_for(at_epoch(store, run, seen + 2))
    begin()
    wait_for(lambda: ready(store))
    enough(settings.home)
    wait_for(lambda: store.runs.get(later.id).state.final)
    done = store.runs.get(run.id)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 1)
    assert [(run_id, attempt) for run_id, attempt, _ in starts(settings.home)] == [(run.id, 1), (later.id, 1)]
    assert done.finished_at <= store.runs.get(later.id).started_at


def test_an_adopted_run_that_is_killed_goes_on(store, settings, begin):
    run = queued(store, name="patient")
    first = begin()
    wait_for(at_epoch(store, run, 1))
    first.kill()
    first.wait()
    begin()
    wait_for(lambda: worker_alive(store, settings))
    os.kill(store.runs.process(run.id)[1], signal.SIGKILL)
    enough(settings.home)
    wait_for(lambda: store.runs.get(run.id).state.final)
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.COMPLETED, 2)


def test_a_supervisor_that_is_asked_to_end_gives_its_runs_back(store, settings, begin):
    run = queued(store, name="patient")
    worker = begin()
    wait_for(at_epoch(store, run, 2))
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    assert (settings.home / "store.sqlite-wal").stat().st_size == 0
    given = store.runs.get(run.id)
    assert (given.state, given.attempt) == (RunState.QUEUED, 1)
    assert given.epoch >= 2
    assert store.runs.lost_count(run.id) == 0
    assert store.workers.current() is None
    begin()
    wait_for(lambda: store.runs.get(run.id).attempt == 2)


def test_a_supervisor_that_has_ended_leaves_no_temporary_folder(store, begin, monkeypatch):
    # The path of a socket is short, and that of a test's own folder is not.
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        worker = begin()
        wait_for(lambda: ready(store))
        assert [path.name[:5] for path in Path(folder).iterdir()] == ["pymp-"]
        worker.terminate()
        assert worker.wait(PATIENCE) == 0
        assert list(Path(folder).iterdir()) == []


def test_a_dashboard_that_ends_its_supervisor_goes_once_its_runs_have_saved(store, begin):
    run = queued(store, name="patient")
    worker = begin()
    waits = threading.Thread(target=worker.wait)
    waits.start()
    wait_for(at_epoch(store, run, 1))

    assert end_worker(store)

    waits.join(PATIENCE)
    assert (worker.returncode, store.runs.get(run.id).state) == (0, RunState.QUEUED)
    assert store.workers.current() is None
    assert end_worker(store)


def test_a_supervisor_that_does_not_end_is_not_waited_for_forever(store, begin):
    worker = begin()
    wait_for(lambda: ready(store))
    worker.send_signal(signal.SIGSTOP)
    assert not end_worker(store, seconds=0.1)


def test_a_supervisor_that_is_asked_to_end_ends_adopted_runs_too(store, settings, begin):
    run = queued(store, name="patient")
    first = begin()
    wait_for(at_epoch(store, run, 1))
    first.kill()
    first.wait()
    second = begin()
    wait_for(lambda: worker_alive(store, settings))
    second.terminate()
    assert second.wait(PATIENCE) == 0
    assert store.runs.get(run.id).state is RunState.QUEUED


@pytest.mark.usefixtures("every_store")
def test_of_two_supervisors_one_works_and_the_other_leaves(store, settings, begin):
    run = queued(store, name="patient")
    both = [begin(), begin()]
    wait_for(lambda: [process for process in both if process.poll() is not None])
    enough(settings.home)
    wait_for(lambda: store.runs.get(run.id).state.final)
    assert len([process for process in both if process.poll() is None]) == 1
    assert len(starts(settings.home)) == 1


@pytest.mark.parametrize("lost_seconds", [2.0])
def test_a_supervisor_that_hangs_is_replaced_and_leaves_when_it_wakes(store, settings, begin):
    first = begin()
    wait_for(lambda: worker_alive(store, settings))
    held = store.workers.current()
    freeze(store, first.pid)
    wait_for(lambda: not worker_alive(store, settings))
    begin()
    wait_for(lambda: store.workers.current().id != held.id)
    run = queued(store, epochs=5)
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait(PATIENCE) == 0
    wait_for(lambda: store.runs.get(run.id).state.final)
    assert len(starts(settings.home)) == 1


def test_a_stopped_run_needs_a_supervisor_only_to_be_told(store, begin):
    run = queued(store)
    request_stop(store, run.id, actor=Actor("ann"))
    begin()
    wait_for(lambda: store.runs.get(run.id).state is RunState.STOPPED)
    assert store.runs.get(run.id).reason.text() == "stopped before it started."


def test_a_newer_program_takes_over_from_an_older_one_and_the_run_in_training_goes_on(store, settings, begin):
    run, later = queued(store, name="patient"), queued(store, epochs=1)
    old = begin("0.0.1")
    wait_for(at_epoch(store, run, 1))
    assert store.workers.current().program == replace(PROGRAM, version="0.0.1")
    ensure_worker(settings, store)
    assert old.wait(PATIENCE) == 0
    assert (
        f"a supervisor of version {PROGRAM.version} has taken over"
        in (settings.home / "said.txt").read_text()
    )
    seen = store.runs.get(run.id)
    assert (seen.state, seen.attempt) == (RunState.RUNNING, 1)
    wait_for(at_epoch(store, run, seen.epoch + 2))
    holder = store.workers.current()
    assert holder.program == PROGRAM
    assert holder.pid != old.pid
    enough(settings.home)
    wait_for(lambda: store.runs.get(run.id).state.final and store.runs.get(later.id).state.final)
    done = [store.runs.get(one.id) for one in (run, later)]
    assert [(one.state, one.attempt) for one in done] == [(RunState.COMPLETED, 1)] * 2
    assert done[0].finished_at <= done[1].started_at


def test_a_supervisor_whose_store_was_changed_by_a_newer_program_leaves_and_starts_what_is_installed(
    store, settings, begin
):
    run = queued(store, name="patient")
    old = begin("0.0.1")
    wait_for(at_epoch(store, run, 1))
    # What a migration does.
    with store.database.write() as connection:
        connection.execute(delete(workers))
    assert old.wait(PATIENCE) == 0
    assert (
        "a newer version has changed the store: this supervisor leaves"
        in (settings.home / "said.txt").read_text()
    )
    wait_for(lambda: worker_alive(store, settings))
    assert store.workers.current().program == PROGRAM
    enough(settings.home)
    wait_for(lambda: store.runs.get(run.id).state.final)
    assert (store.runs.get(run.id).state, store.runs.get(run.id).attempt) == (RunState.COMPLETED, 1)


def test_an_older_program_never_replaces_a_newer_one_and_says_so(store, settings, begin):
    newer = begin("99.0")
    wait_for(lambda: worker_alive(store, settings))
    ensure_worker(settings, store)
    assert not (settings.home / "worker.pid").exists()
    older = subprocess.run(
        [sys.executable, "-m", "dlcore", "worker"],
        cwd=ROOT,
        env={**os.environ, **settings.environment()},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert older.returncode == 0
    said = " ".join(older.stderr.split())
    assert said == (
        f"a supervisor of version 99.0 is at work, and this program is older ({PROGRAM.version}): "
        "update it to supervise with it"
    )
    assert store.workers.current().pid == newer.pid
    assert newer.poll() is None


def test_a_program_that_a_newer_one_has_made_too_old_for_the_store_starts_no_supervisor(store, settings):
    with store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="written by a newer version"):
        ensure_worker(settings, store)
    assert not (settings.home / "worker.pid").exists()


def test_a_supervisor_that_is_still_starting_is_waited_for(settings, store):
    note, me = settings.home / "worker.pid", own_identity()
    note.write_text(f"{me.pid} {me.pid_started}")
    assert _still_starting(note, None)
    assert not _still_starting(note, me)
    os.utime(note, (time.time(), time.time() - STARTING_SECONDS - 1))
    assert not _still_starting(note, None)


@pytest.mark.parametrize("content", [None, "", "12", "twelve a:1", "1 2 3", "4194304 a:1"])
def test_a_note_of_a_supervisor_that_tells_nothing_keeps_no_other_from_starting(settings, store, content):
    note = settings.home / "worker.pid"
    if content is not None:
        note.write_text(content)
    assert not _still_starting(note, None)


def ensure(settings, gate):
    store = Store.open(settings)
    gate.wait()
    ensure_worker(settings, store)
    wait_for(lambda: worker_alive(store, settings))
    store.close()


def test_of_eight_processes_that_want_a_supervisor_one_starts_it(store, settings):
    multiprocessing.forkserver._forkserver._stop()  # one of another test lacks what these import
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, FROZEN])
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
    assert pid == int((settings.home / "worker.pid").read_text().split()[0])
    assert worker_alive(store, settings)
    os.killpg(pid, signal.SIGKILL)
    assert codes == [0] * 8
    assert (settings.home / "worker.log").read_text().count("supervising") == 1
    wait_for(lambda: not worker_alive(store, settings))


def test_a_supervisor_is_alive_as_long_as_it_lives_and_says_so(store, settings):
    assert not worker_alive(store, settings)
    store.workers.acquire(own_identity(), slots=1, lost_seconds=9.0, is_gone=lambda who: False)
    assert worker_alive(store, settings)
    with store.database.write() as connection:
        connection.execute(update(workers).values(heartbeat_at=time.time() - settings.lost_seconds - 1))
    assert not worker_alive(store, settings)
    with store.database.write() as connection:
        connection.execute(update(workers).values(heartbeat_at=time.time(), pid=2**30))
    assert not worker_alive(store, settings)
