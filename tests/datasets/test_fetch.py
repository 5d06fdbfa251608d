import os
import signal
import time

import pytest

from dlcore.datasets.background import WorkState, WorkStatus
from dlcore.datasets.builtin.fetch import fetch_status, main, start_fetch
from dlcore.datasets.files import try_lock
from dlcore.durable import write_json
from dlcore.errors import SpecError

from .fixtures import settings_in


def ended(name, settings):
    deadline = time.monotonic() + 30
    while (status := fetch_status(name, settings)).state is WorkState.RUNNING:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return status


def running(done=5):
    return {"state": "running", "done": done, "total": 9, "reason": None}


def test_nothing_was_started_at_first(tmp_path):
    assert fetch_status("mnist", settings_in(tmp_path)) == WorkStatus(WorkState.IDLE)


def test_a_dataset_is_fetched_in_a_process_of_its_own(tmp_path):
    settings = settings_in(tmp_path)
    assert start_fetch("digits", settings).state is WorkState.RUNNING
    assert ended("digits", settings) == WorkStatus(WorkState.DONE)
    assert len(list(settings.prepared_dir.glob("digits-*"))) == 1


def test_a_failure_keeps_its_reason_translatable(tmp_path, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    settings = settings_in(tmp_path)
    start_fetch("mnist", settings)
    status = ended("mnist", settings)
    assert status.state is WorkState.FAILED
    assert status.reason.template == "{file} could not be downloaded from {url}: {reason}."
    assert status.reason.params["file"] == "mnist.npz"


def test_a_second_start_joins_the_first(tmp_path):
    settings = settings_in(tmp_path)
    lock = try_lock(tmp_path / "home/downloads/.mnist.lock")
    write_json(tmp_path / "home/downloads/mnist.json", running())
    assert start_fetch("mnist", settings) == WorkStatus(WorkState.RUNNING, 5, 9)
    os.close(lock)


def test_a_process_that_was_killed_is_noticed(tmp_path):
    settings = settings_in(tmp_path)
    lock = try_lock(tmp_path / "home/downloads/.mnist.lock")
    write_json(tmp_path / "home/downloads/mnist.json", running())
    child = os.posix_spawn("/bin/sleep", ["sleep", "60"], {}, file_actions=[(os.POSIX_SPAWN_DUP2, lock, 9)])
    os.close(lock)
    assert fetch_status("mnist", settings).state is WorkState.RUNNING
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    status = fetch_status("mnist", settings)
    assert status.state is WorkState.FAILED and status.done == 5
    assert "ended before it was finished. Start it again" in status.reason.text()


def test_done_holds_only_while_the_data_is_there(tmp_path):
    settings = settings_in(tmp_path)
    write_json(tmp_path / "home/downloads/mnist.json", {**running(), "state": "done"})
    assert fetch_status("mnist", settings).state is WorkState.IDLE


def test_an_unknown_name_starts_nothing(tmp_path):
    with pytest.raises(SpecError, match="Nearest: mnist"):
        start_fetch("minst", settings_in(tmp_path))
    assert not (tmp_path / "home").exists()


def test_the_command_says_how_it_went(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert main(["digits"]) == 0
    assert main(["cifar10"]) == 1
    assert "could not be downloaded" in capsys.readouterr().err
    lock = try_lock(tmp_path / "home/downloads/.digits.lock")
    assert main(["digits"]) == 1
    assert "by another process" in capsys.readouterr().err
    os.close(lock)
