"""Where processes come from: how children start, end and are told to, whatever forks or starts them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from unittest.mock import Mock

import psutil
import pytest
from pydantic import ValidationError

from dlcore.processes.ending import is_end_request
from dlcore.queue.start import ROOT
from dlcore.settings import Settings
from dlcore.worker.executors.base import UNKNOWN_END, Executor
from dlcore.worker.executors.choice import executors_here
from dlcore.worker.executors.forkserver import ForkserverExecutor, _Child
from dlcore.worker.executors.nursery import NurseryExecutor
from dlcore.worker.executors.spawn import SpawnExecutor
from tests.waiting import wait_for
from tests.worker.fake_work import ENDING, OUTLIVING, made, pid

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the executors that several tests use, one after the other."""
    folder = tmp_path_factory.mktemp("executors")
    settings = Settings(home=folder / "home", KERAS_HOME=folder / "keras")
    settings.home.mkdir()
    return settings


@pytest.fixture(scope="module")
def warm(shared: Settings) -> Iterator[Callable[[str], Executor]]:
    """Gives an executor of a kind, warm and without work."""
    known: dict[str, Executor] = {}

    def given(kind: str) -> Executor:
        one = known.setdefault(kind, made(kind, shared))
        wait_for(one.warm)
        return one

    yield given
    for one in known.values():
        one.terminate()


@pytest.fixture
def executor(
    request: pytest.FixtureRequest, warm: Callable[[str], Executor], shared: Settings
) -> Iterator[Executor]:
    """A warm one, in a home without notes of an earlier test."""
    for note in shared.home.iterdir():
        note.unlink()
    one = warm(request.param)
    yield one
    for attempt in one.at_work():
        one.kill(attempt)
    wait_for(lambda: (one.ended(), one.at_work())[1] == [])


def each(*kinds):
    return pytest.mark.parametrize("executor", kinds, indirect=True)


def ends(executor, count=1):
    found = []
    wait_for(lambda: found.extend(executor.ended()) or len(found) >= count)
    return sorted(found)


def is_gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@each(*OUTLIVING, *ENDING)
def test_a_child_gets_its_work_the_settings_and_its_environment(executor, shared):
    executor.start(("tell", 3), {"DLCORE_TEST_SEEN": "-1"}, is_job=True)
    assert ends(executor) == [(("tell", 3), 0)]
    told = json.loads((shared.home / "told").read_text())
    assert told == {"home": str(shared.home), "attempt": 3, "seen": "-1"}
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
def test_one_child_is_killed_and_the_others_work_on(executor, shared):
    for attempt in (1, 2):
        executor.start(("sleep", attempt), {})
    first, second = pid(shared, 1), pid(shared, 2)
    executor.kill(("sleep", 1))
    executor.kill(("unknown", 1))
    assert ends(executor) == [(("sleep", 1), -signal.SIGKILL)]
    assert executor.at_work() == [("sleep", 2)]
    assert is_gone(first)
    assert not is_gone(second)


@each(*OUTLIVING)
def test_children_that_are_asked_to_end_save_first(executor, shared):
    for attempt in (1, 2):
        executor.start(("save", attempt), {})
    pid(shared, 1), pid(shared, 2)
    executor.terminate()
    assert ends(executor, 2) == [(("save", 1), 9), (("save", 2), 9)]


@each(*OUTLIVING)
def test_a_child_that_has_nothing_to_save_ends_at_once_when_it_is_asked(executor, shared):
    executor.start(("sleep", 1), {})
    pid(shared)
    executor.terminate()
    (attempt, code), *others = ends(executor)
    assert (attempt, others) == (("sleep", 1), [])
    assert is_end_request(code)


@each(*ENDING)
def test_children_of_those_for_jobs_are_ended_with_them(executor, shared):
    executor.start(("save", 1), {})
    child = pid(shared)
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
from pathlib import Path
from unittest.mock import Mock
from dlcore.settings import Settings
from tests.waiting import wait_for
from tests.worker.fake_work import begin, made
if __name__ == "__main__":
    folder, without_work, *kinds = sys.argv[1:]
    executors = {kind: made(kind, Settings(home=Path(folder, kind))) for kind in kinds}
    waiting = executors["spawn"]
    wait_for(lambda: all([one.warm() for one in executors.values()]))
    for kind, executor in executors.items():
        executor.start(("patient", 1), {})
    waiting._next_start = 0.0
    waiting.warm()
    wait_for(lambda: waiting._spare.is_ready)
    begin(Settings(home=Path(folder, without_work)), 1, waiting._spare.process.pid)
    time.sleep(600)
"""

WITHOUT_WORK = "spawn, without work"


@pytest.fixture(scope="module")
def orphans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[int, Path]]]:
    """The process and the home of a child at work of each kind, and of one that waits for work, by kind: all of
    one parent, which was killed.
    """
    folder = tmp_path_factory.mktemp("orphans")
    homes = {kind: Settings(home=folder / kind) for kind in (WITHOUT_WORK, *OUTLIVING, *ENDING)}
    for settings in homes.values():
        settings.home.mkdir()
    (folder / "parent.py").write_text(PARENT)
    places = os.pathsep.join(map(str, (ROOT, *sys.path)))
    process = subprocess.Popen(
        [sys.executable, str(folder / "parent.py"), str(folder), *homes],
        env={**os.environ, "PYTHONPATH": places},
    )
    try:
        found = {kind: (pid(settings), settings.home) for kind, settings in homes.items()}
        assert not [kind for kind, (child, _) in found.items() if is_gone(child)]
        process.kill()
        process.wait()
        yield found
    finally:
        process.kill()
        process.wait()
        for settings in homes.values():
            (settings.home / "enough").touch()


@pytest.mark.parametrize("kind", [*ENDING, WITHOUT_WORK])
def test_a_child_for_jobs_and_one_without_work_end_with_their_parent(kind, orphans):
    child, home = orphans[kind]
    wait_for(lambda: is_gone(child))
    assert not (home / "done").exists()


@pytest.mark.parametrize("kind", OUTLIVING)
def test_a_child_outlives_its_parent(kind, orphans):
    child, home = orphans[kind]
    assert not is_gone(child)
    (home / "enough").touch()
    wait_for((home / "done").exists)
    wait_for(lambda: is_gone(child))


def test_a_nursery_that_cannot_start_is_tried_again_only_later(settings):
    broken = made("nursery", settings, preload=("no_such_module",))
    assert not broken.warm()
    broken._process.wait()
    assert [broken.warm() for _ in range(3)] == [False] * 3
    assert broken._process is None
    broken.start(("tell", 1), {})
    assert ends(broken) == [(("tell", 1), UNKNOWN_END)]


def test_a_waiting_process_that_cannot_start_is_tried_again_only_later(settings):
    broken = made("spawn", settings, preload=("no_such_module",))
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


def test_a_child_that_is_asked_to_end_while_it_is_being_started_is_told_once_it_is_there():
    start, process = Future(), Mock()
    start.set_running_or_notify_cancel()
    child = _Child(process, ("run", 1), start)

    child.ask_to_end()
    assert not process.terminate.called
    start.set_result(None)

    assert process.terminate.call_count == 1
