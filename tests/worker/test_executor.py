"""Where processes come from: how children start, end and are told to, whatever forks or starts them."""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest
from pydantic import ValidationError

from dlcore.processes.ending import is_end_request, on_end_request
from dlcore.queue.start import ROOT
from dlcore.settings import Settings
from dlcore.worker.executors.base import UNKNOWN_END
from dlcore.worker.executors.choice import executors_here
from dlcore.worker.executors.forkserver import ForkserverExecutor
from dlcore.worker.executors.nursery import NurseryExecutor
from dlcore.worker.executors.spawn import SpawnExecutor
from tests.waiting import wait_for

pytestmark = pytest.mark.processes

HERE = "tests.worker.test_executor"


def work(settings, action, attempt):
    """What the children of these tests do; which of it, says the id."""
    home = settings.home
    if action == "tell":
        seen = {"home": str(home), "attempt": attempt, "seen": os.environ.get("DLCORE_TEST_SEEN")}
        (home / "told.part").write_text(json.dumps(seen))
        (home / "told.part").rename(home / "told")
    elif action == "exit":
        sys.exit(attempt)
    elif action == "frozen":
        sys.exit(int(gc.get_freeze_count() > 10_000))
    elif action == "save":
        told = threading.Event()
        on_end_request(told.set)
        begin(home, attempt)
        told.wait(600)
        sys.exit(9)
    elif action == "sleep":
        begin(home, attempt)
        time.sleep(600)
    elif action == "patient":
        begin(home, attempt)
        wait_for((home / "enough").exists)
        (home / "done").touch()


def begin(home, attempt, pid=None):
    (home / f"begun{attempt}.part").write_text(str(pid or os.getpid()))
    (home / f"begun{attempt}.part").rename(home / f"begun{attempt}")


def pid(settings, attempt=1):
    """The process that began, once it has."""
    wait_for((settings.home / f"begun{attempt}").exists)
    return int((settings.home / f"begun{attempt}").read_text())


def made(kind, settings, preload=(HERE,)):
    """An executor, not yet warm."""
    target = f"{HERE}:work"
    if kind == "forkserver":
        return ForkserverExecutor(target, job_target=target, preload=preload, settings=settings)
    if kind == "nursery":
        return NurseryExecutor(target, preload=preload, settings=settings)
    ends = kind == "spawn, for jobs"
    return SpawnExecutor(target, preload=preload, settings=settings, ends_with_parent=ends)


OUTLIVING = ("forkserver", "spawn")
"""Those whose children live on when they die, and save when they are asked to end."""

ENDING = ("nursery", "spawn, for jobs")
"""Those whose children end with them."""


@pytest.fixture
def executor(request, settings):
    """A warm one."""
    settings.home.mkdir()
    one = made(request.param, settings)
    wait_for(one.warm)
    yield one
    for attempt in one.at_work():
        one.kill(attempt)
    one.terminate()


def each(*kinds):
    return pytest.mark.parametrize("executor", kinds, indirect=True)


def ends(executor, count=1):
    found = []
    wait_for(lambda: found.extend(executor.ended()) or len(found) >= count)
    return sorted(found)


def is_gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@each(*OUTLIVING, *ENDING)
def test_a_child_gets_its_work_the_settings_and_its_environment(executor, settings):
    executor.start(("tell", 3), {"DLCORE_TEST_SEEN": "-1"}, is_job=True)
    assert ends(executor) == [(("tell", 3), 0)]
    told = json.loads((settings.home / "told").read_text())
    assert told == {"home": str(settings.home), "attempt": 3, "seen": "-1"}
    assert "DLCORE_TEST_SEEN" not in os.environ


@each("forkserver", "nursery")
def test_the_collector_of_a_forked_child_leaves_alone_what_it_shares(executor):
    executor.start(("frozen", 1), {}, is_job=True)
    assert ends(executor) == [(("frozen", 1), 1)]


@each(*OUTLIVING, *ENDING)
def test_each_end_is_told_once_with_its_exit_code(executor):
    for attempt in (0, 3):
        executor.start(("exit", attempt), {})
    assert sorted(executor.at_work()) == [("exit", 0), ("exit", 3)]
    assert ends(executor, 2) == [(("exit", 0), 0), (("exit", 3), 3)]
    assert executor.at_work() == []
    assert executor.ended() == []


@each(*OUTLIVING, *ENDING)
def test_one_child_is_killed_and_the_others_work_on(executor, settings):
    for attempt in (1, 2):
        executor.start(("sleep", attempt), {})
    first, second = pid(settings, 1), pid(settings, 2)
    executor.kill(("sleep", 1))
    executor.kill(("unknown", 1))
    assert ends(executor) == [(("sleep", 1), -signal.SIGKILL)]
    assert executor.at_work() == [("sleep", 2)]
    assert is_gone(first)
    assert not is_gone(second)


@each(*OUTLIVING)
def test_children_that_are_asked_to_end_save_first(executor, settings):
    for attempt in (1, 2):
        executor.start(("save", attempt), {})
    pid(settings, 1), pid(settings, 2)
    executor.terminate()
    assert ends(executor, 2) == [(("save", 1), 9), (("save", 2), 9)]


@each(*OUTLIVING)
def test_a_child_that_has_nothing_to_save_ends_at_once_when_it_is_asked(executor, settings):
    executor.start(("sleep", 1), {})
    pid(settings)
    executor.terminate()
    (attempt, code), *others = ends(executor)
    assert (attempt, others) == (("sleep", 1), [])
    assert is_end_request(code)


@each(*ENDING)
def test_children_of_those_for_jobs_are_ended_with_them(executor, settings):
    executor.start(("save", 1), {})
    child = pid(settings)
    executor.terminate()
    assert [attempt for attempt, _ in ends(executor)] == [("save", 1)]
    wait_for(lambda: is_gone(child))


@pytest.mark.parametrize("kind", OUTLIVING)
def test_starting_never_waits_even_where_nothing_is_warm(kind, settings):
    settings.home.mkdir()
    cold = made(kind, settings)
    cold.start(("tell", 1), {})
    assert cold.at_work() == [("tell", 1)]
    assert ends(cold) == [(("tell", 1), 0)]


PARENT = """
import sys, time
from dlcore.settings import Settings
from tests.waiting import wait_for
from tests.worker.test_executor import begin, made
if __name__ == "__main__":
    kind, action = sys.argv[1:]
    settings = Settings()
    executor = made(kind, settings)
    wait_for(executor.warm)
    if action == "wait":
        begin(settings.home, 1, executor._spare.process.pid)
    else:
        executor.start((action, 1), {})
    time.sleep(600)
"""


@pytest.fixture
def parent(settings):
    """Starts a process that has an executor, with a child that waits or is at work."""
    begun = []

    def start(kind, action):
        settings.home.mkdir()
        (settings.home / "parent.py").write_text(PARENT)
        places = os.pathsep.join(map(str, (ROOT, *sys.path)))
        process = subprocess.Popen(
            [sys.executable, str(settings.home / "parent.py"), kind, action],
            env={**os.environ, **settings.environment(), "PYTHONPATH": places},
        )
        begun.append(process)
        return process, pid(settings)

    yield start
    (settings.home / "enough").touch()
    for process in begun:
        process.kill()
        process.wait()


@pytest.mark.parametrize("kind", OUTLIVING)
def test_a_child_outlives_its_parent(kind, parent, settings):
    process, child = parent(kind, "patient")
    process.kill()
    process.wait()
    (settings.home / "enough").touch()
    wait_for((settings.home / "done").exists)
    wait_for(lambda: is_gone(child))


@pytest.mark.parametrize(("kind", "action"), [*((kind, "patient") for kind in ENDING), ("spawn", "wait")])
def test_a_child_for_jobs_and_one_without_work_end_with_their_parent(kind, action, parent, settings):
    process, child = parent(kind, action)
    assert not is_gone(child)
    process.kill()
    process.wait()
    wait_for(lambda: is_gone(child))
    assert not (settings.home / "done").exists()


def test_a_nursery_that_cannot_start_is_tried_again_only_later(settings):
    broken = made("nursery", settings, preload=["no_such_module"])
    assert not broken.warm()
    broken._process.wait()
    assert [broken.warm() for _ in range(3)] == [False] * 3
    assert broken._process is None
    broken.start(("tell", 1), {})
    assert ends(broken) == [(("tell", 1), UNKNOWN_END)]


def test_a_waiting_process_that_cannot_start_is_tried_again_only_later(settings):
    broken = made("spawn", settings, preload=["no_such_module"])
    assert not broken.warm()
    wait_for(lambda: broken._spare.exit_code is not None)
    assert [broken.warm() for _ in range(3)] == [False] * 3
    assert broken._spare is None
    broken.start(("tell", 1), {})
    assert ends(broken) == [(("tell", 1), 1)]


def test_the_one_that_waits_gets_the_work_and_then_another_waits(settings, monkeypatch):
    monkeypatch.setattr("dlcore.worker.executors.spawn.RESTART_SECONDS", 0.0)
    settings.home.mkdir()
    executor = made("spawn", settings)
    wait_for(executor.warm)
    waiting = executor._spare.process.pid
    executor.start(("sleep", 1), {})
    assert pid(settings) == waiting
    assert executor.warm()
    assert executor._spare.process.pid != waiting
    executor.kill(("sleep", 1))
    executor.terminate()
    assert ends(executor) == [(("sleep", 1), -signal.SIGKILL)]


def kinds(settings):
    return [type(one) for one in executors_here(settings)]


def test_processes_are_forked_where_the_system_can_unless_somebody_wants_it_otherwise(monkeypatch, tmp_path):
    spawned, forked = [SpawnExecutor] * 2, [ForkserverExecutor, NurseryExecutor]
    assert kinds(Settings(home=tmp_path)) == forked
    assert kinds(Settings(home=tmp_path, executor="forkserver")) == forked
    assert kinds(Settings(home=tmp_path, executor="spawn")) == spawned
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    assert kinds(Settings(home=tmp_path)) == spawned
    with pytest.raises(ValidationError, match="expected auto or spawn"):
        Settings(home=tmp_path, executor="forkserver")
