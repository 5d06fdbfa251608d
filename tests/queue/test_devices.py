import subprocess
import sys

import psutil

from dlcore.queue.devices import gpus, memory_available


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
