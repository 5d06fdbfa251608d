import os
import subprocess
import sys

import psutil
import pytest

from dlcore.queue.devices import gpus, memory_available
from dlcore.queue.processes import host, is_gone, myself
from dlcore.store import Identity


def test_gpus_are_named_and_measured_where_there_are_any():
    found = gpus()
    assert [gpu.index for gpu in found] == list(range(len(found)))
    for gpu in found:
        assert gpu.name
        assert 0 <= gpu.memory_used <= gpu.memory_total
        assert 0 <= gpu.use_percent <= 100


def test_memory_is_counted_in_bytes():
    assert 10**7 < memory_available() <= psutil.virtual_memory().total


def test_looking_at_devices_imports_no_tensorflow():
    code = "import sys, dlcore.queue.devices as d; d.gpus(); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_process_is_gone_when_it_has_ended():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    who = Identity("x", host(), process.pid, psutil.Process(process.pid).create_time())
    assert not is_gone(who)
    process.kill()
    process.wait()
    assert is_gone(who)


def test_a_process_that_nobody_has_waited_for_is_gone():
    process = subprocess.Popen([sys.executable, "-c", ""])
    who = Identity("x", host(), process.pid, psutil.Process(process.pid).create_time())
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(who)
    process.wait()


@pytest.mark.parametrize(("change", "gone"), [(0.0, False), (-500.0, True)])
def test_a_pid_that_another_process_has_by_now_is_not_mistaken(change, gone):
    me = myself()
    assert is_gone(Identity(me.id, me.host, me.pid, me.pid_started + change)) is gone


def test_a_process_on_another_machine_is_never_known_to_be_gone():
    assert not is_gone(Identity("x", "elsewhere", 2**30, 1.0))
