"""Processes that need the same arrays: one makes them, the others wait, and nobody suffers from a killed one."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest

from tests.waiting import PATIENCE, wait_for

from .makers import colours, stored

pytestmark = pytest.mark.processes

SCRIPT = """
import json, sys, time
from pathlib import Path
from dlcore.datasets.prepare.preparation import prepare
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec

home, signs, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
told = []

def tell(what, done, total):
    told.append(what)
    (signs / f"{name}-{what.split()[0]}").touch()
    while what == "preparing" and not (signs / "go").exists():
        time.sleep(0.02)

spec = ExperimentSpec.from_dict({"dataset": {"name": "it"}, "preprocessing": ["Resizing"]})
prepared = prepare(spec, Settings(home=home), tell)
total = int(prepared.train.inputs["input"].sum(dtype="int64"))
print(json.dumps([sorted(set(told)), str(prepared.folder), total]))
"""


@pytest.fixture
def start(tmp_path, settings):
    """Starts a process that prepares; it says by a file how far it is, and waits for the file `go`."""
    stored(colours(tmp_path / "x.zip"), settings)
    running = []

    def launch(name):
        command = [sys.executable, "-c", SCRIPT, str(settings.home), str(tmp_path), name]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield launch
    for process in running:
        process.kill()
        process.communicate()


def result(process):
    return json.loads(process.communicate(timeout=PATIENCE)[0])


def test_the_second_waits_for_the_first_and_makes_nothing(start, tmp_path):
    first = start("first")
    wait_for((tmp_path / "first-preparing").exists)
    second = start("second")
    wait_for((tmp_path / "second-waiting").exists)
    (tmp_path / "go").touch()

    (told, folder, total), (told_second, *same) = result(first), result(second)
    assert told == ["preparing"]
    assert told_second == ["waiting for another run to prepare"]
    assert same == [folder, total]
    assert total > 0


def test_when_the_first_is_killed_the_second_makes_them_and_nothing_is_left(start, tmp_path, settings):
    first = start("first")
    wait_for((tmp_path / "first-preparing").exists)
    second = start("second")
    wait_for((tmp_path / "second-waiting").exists)
    first.send_signal(signal.SIGKILL)
    first.wait()
    wait_for((tmp_path / "second-preparing").exists)
    (tmp_path / "go").touch()

    told, folder, _total = result(second)
    assert told == ["preparing", "waiting for another run to prepare"]
    kept = [path for path in settings.prepared_dir.iterdir() if path.is_dir()]
    assert [str(path) for path in kept] == [folder]
    array = np.load(kept[0] / "input.npy", mmap_mode="r")
    assert array.shape == (12, 32, 32, 3)
    assert array.any(axis=(1, 2, 3)).all()
