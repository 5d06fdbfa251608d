"""Locks: one holder at a time, and none that has ended."""

import subprocess
import sys

import pytest

from dlcore.locks import locked, try_lock, unlock

HOLD = """
import sys, time
from pathlib import Path
from dlcore.locks import try_lock
assert try_lock(Path(sys.argv[1])) is not None
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_lock_has_one_holder_until_it_is_given_back(tmp_path):
    path = tmp_path / "folder" / "lock"
    held = try_lock(path)
    assert try_lock(path) is None
    unlock(held)
    again = try_lock(path)
    assert again is not None
    unlock(again)


def test_the_lock_of_a_killed_process_is_free(holder, tmp_path):
    assert try_lock(tmp_path / "lock") is None
    holder.kill()
    holder.wait()
    held = try_lock(tmp_path / "lock")
    assert held is not None
    unlock(held)


def test_who_waits_is_told_so_and_gets_the_lock_in_the_end(holder, tmp_path):
    told = []

    def waiting():
        told.append("waiting")
        if len(told) == 2:
            holder.kill()
            holder.wait()

    with locked(tmp_path / "lock", waiting, poll=0.01):
        assert try_lock(tmp_path / "lock") is None
    assert told[:2] == ["waiting", "waiting"]


def test_a_lock_is_given_back_whatever_happens_in_its_block(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "lock"):
        raise ZeroDivisionError
    with locked(tmp_path / "lock"):
        pass
