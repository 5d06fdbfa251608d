"""Processes are told apart, whatever happens to the clock and whoever gets their pid next."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from dlcore.queue.processes import host, is_gone, own_identity, start_of
from dlcore.store import Identity

NOWHERE = Path("/no/proc")
linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="about Linux")


def identity(pid, proc=Path("/proc")):
    return Identity("x", host(), pid, start_of(pid, proc))


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_a_process_is_gone_when_it_has_ended(sleeper):
    who = identity(sleeper.pid)
    assert not is_gone(who)
    sleeper.kill()
    sleeper.wait()
    assert is_gone(who)


def test_a_process_that_nobody_has_waited_for_is_gone(sleeper):
    who = identity(sleeper.pid)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(who)
    assert start_of(sleeper.pid, NOWHERE) == ""


def test_a_pid_that_another_process_has_by_now_is_not_mistaken(sleeper):
    me = own_identity()
    assert not is_gone(me)
    assert is_gone(Identity(me.id, me.host, me.pid, start_of(sleeper.pid)))


def test_a_process_on_another_machine_is_never_known_to_be_gone():
    assert not is_gone(Identity("x", "elsewhere", 2**30, "a:1"))


def test_a_process_whose_start_is_not_known_is_never_known_to_be_gone():
    assert not is_gone(Identity("x", host(), 2**30, ""))


@linux
@pytest.mark.parametrize("seconds", [2, -2, 3600, -86400])
@pytest.mark.parametrize("proc", [Path("/proc"), NOWHERE])
def test_a_clock_that_is_set_changes_nothing(sleeper, monkeypatch, proc, seconds):
    before, created = start_of(sleeper.pid, proc), psutil.Process(sleeper.pid).create_time()
    booted = psutil.boot_time()
    # Linux moves the moment of the boot when the clock is set, and with it what psutil makes of a start.
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: booted + seconds)
    assert psutil.Process(sleeper.pid).create_time() == pytest.approx(created + seconds)
    assert before
    assert start_of(sleeper.pid, proc) == before


def fake_proc(folder, *, boot="b1", state="S", name="python", ticks=777):
    """What Linux says of a process with pid 42."""
    rest = " ".join(["1"] * 18)
    for pid in ("self", "42"):
        (folder / pid).mkdir(parents=True, exist_ok=True)
        (folder / pid / "stat").write_text(f"42 ({name}) {state} {rest} {ticks} 5 6 7\n")
    if boot:
        (folder / "sys/kernel/random").mkdir(parents=True, exist_ok=True)
        (folder / "sys/kernel/random/boot_id").write_text(f"{boot}\n")
    return folder


@pytest.mark.parametrize("name", ["python", "a b", "x) Z 1 (y", ")"])
def test_a_start_is_the_boot_and_the_ticks_whatever_the_program_is_called(tmp_path, name):
    assert start_of(42, fake_proc(tmp_path, name=name)) == "b1:777"


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_process_that_has_ended_has_no_start(tmp_path, state):
    assert start_of(42, fake_proc(tmp_path, state=state)) == ""


def test_a_pid_that_nobody_has_has_no_start(tmp_path):
    assert start_of(43, fake_proc(tmp_path)) == ""


def test_the_same_ticks_after_another_boot_are_another_start(tmp_path):
    first = start_of(42, fake_proc(tmp_path, boot="b1"))
    assert start_of(42, fake_proc(tmp_path, boot="b2")) != first


def test_where_the_boot_is_hidden_the_ticks_alone_tell(tmp_path):
    assert start_of(42, fake_proc(tmp_path, boot="")) == ":777"
