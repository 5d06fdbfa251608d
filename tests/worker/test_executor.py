"""Where processes come from: how children start, end and are told to."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from dlcore.worker.executors.base import UNKNOWN_END
from dlcore.worker.executors.forkserver import ForkserverExecutor
from dlcore.worker.executors.nursery import NurseryExecutor
from tests.waiting import wait_for

pytestmark = pytest.mark.processes


def job(settings, job_id, attempt):
    """What a child of a nursery does; which of them, says the id."""
    child(settings.home, job_id, job_id, attempt)


def child(folder, action, run_id, attempt):
    """What the children of these tests do."""
    if action == "tell":
        told = {"run": run_id, "attempt": attempt, "seen": os.environ.get("DLCORE_TEST_SEEN")}
        (Path(folder) / "told.part").write_text(json.dumps(told))
        (Path(folder) / "told.part").rename(Path(folder) / "told")
    elif action == "exit":
        sys.exit(attempt)
    elif action == "sleep":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
        (Path(folder) / f"asleep{attempt}").touch()
        time.sleep(600)


def executor(tmp_path, action):
    made = ForkserverExecutor("tests.worker.test_executor:child", preload=[], arguments=(tmp_path, action))
    wait_for(made.warm)
    return made


def ends(made, count=1):
    found = []
    wait_for(lambda: found.extend(made.ended()) or len(found) >= count)
    return sorted(found)


def test_a_child_gets_the_job_and_its_environment(tmp_path):
    made = executor(tmp_path, "tell")
    made.start(("abcd", 3), {"DLCORE_TEST_SEEN": "-1"})
    assert ends(made) == [(("abcd", 3), 0)]
    assert json.loads((tmp_path / "told").read_text()) == {"run": "abcd", "attempt": 3, "seen": "-1"}
    assert "DLCORE_TEST_SEEN" not in os.environ


def test_each_end_is_told_once_with_its_exit_code(tmp_path):
    made = executor(tmp_path, "exit")
    for attempt in (0, 3):
        made.start(("abcd", attempt), {})
    assert sorted(made.at_work()) == [("abcd", 0), ("abcd", 3)]
    assert ends(made, 2) == [(("abcd", 0), 0), (("abcd", 3), 3)]
    assert made.at_work() == []
    assert made.ended() == []


def test_one_child_can_be_killed_and_the_others_be_asked_to_end(tmp_path):
    made = executor(tmp_path, "sleep")
    for attempt in (1, 2):
        made.start(("abcd", attempt), {})
    wait_for(lambda: (tmp_path / "asleep1").exists() and (tmp_path / "asleep2").exists())
    made.kill(("abcd", 1))
    made.kill(("unknown", 1))
    assert ends(made) == [(("abcd", 1), -signal.SIGKILL)]
    made.terminate()
    assert ends(made) == [(("abcd", 2), 9)]


def test_starting_never_waits_even_for_a_forkserver_that_is_not_up(tmp_path):
    made = ForkserverExecutor("tests.worker.test_executor:child", preload=[], arguments=(tmp_path, "tell"))
    made.start(("abcd", 1), {})
    assert made.at_work() == [("abcd", 1)]
    assert ends(made) == [(("abcd", 1), 0)]


@pytest.fixture
def nursery(settings):
    settings.home.mkdir()
    made = NurseryExecutor(
        "tests.worker.test_executor:job", preload=["tests.worker.test_executor"], settings=settings
    )
    wait_for(made.warm)
    yield made
    made.terminate()


def test_a_child_of_a_nursery_gets_the_job_and_its_environment(nursery, settings):
    nursery.start(("tell", 3), {"DLCORE_TEST_SEEN": "-1"})
    assert ends(nursery) == [(("tell", 3), 0)]
    assert json.loads((settings.home / "told").read_text()) == {"run": "tell", "attempt": 3, "seen": "-1"}


def test_each_end_in_a_nursery_is_told_once_with_its_exit_code(nursery):
    for attempt in (0, 3):
        nursery.start(("exit", attempt), {})
    assert nursery.at_work() == [("exit", 0), ("exit", 3)]
    assert ends(nursery, 2) == [(("exit", 0), 0), (("exit", 3), 3)]
    assert nursery.at_work() == []
    assert nursery.ended() == []


def test_one_child_of_a_nursery_can_be_killed(nursery, settings):
    for attempt in (1, 2):
        nursery.start(("sleep", attempt), {})
    wait_for(lambda: (settings.home / "asleep1").exists() and (settings.home / "asleep2").exists())
    nursery.kill(("sleep", 1))
    nursery.kill(("unknown", 1))
    assert ends(nursery) == [(("sleep", 1), -signal.SIGKILL)]
    assert nursery.at_work() == [("sleep", 2)]


def test_a_nursery_that_cannot_start_is_tried_again_only_later(settings):
    made = NurseryExecutor("tests.worker.test_executor:job", preload=["no_such_module"], settings=settings)
    assert not made.warm()
    made._process.wait()
    assert [made.warm() for _ in range(3)] == [False] * 3
    assert made._process is None
    made.start(("tell", 1), {})
    assert ends(made) == [(("tell", 1), UNKNOWN_END)]
