"""A container that holds all is stopped and started again: what trained in it saves, and goes on."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import psutil
import pytest

from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import Axis, RunState, Scope, SeriesKey
from dlcore.settings import Settings
from dlcore.store import Store
from tests.conftest import ROOT
from tests.ports import reserved_port
from tests.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.acceptance
EPOCHS = 60
LOSS = SeriesKey("loss", Scope.TRAIN, Axis.EPOCH)


@contextmanager
def container(home, port):
    """The dashboard, with a supervisor that ends with it; asked to end as a container is."""
    environment = {**os.environ, "DLCORE_HOME": str(home), "DLCORE_STOP_WORKER": "true"}
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "app:app",
        "--port",
        str(port),
        "--timeout-graceful-shutdown",
        "10",
    ]
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in (0, -signal.SIGTERM)


def processes_of(home):
    """What is left of it in this machine."""
    found = []
    for process in psutil.process_iter(["environ", "cmdline"]):
        if (process.info["environ"] or {}).get("DLCORE_HOME") == str(home):
            found.append(process.info["cmdline"])
    return found


def test_a_run_goes_on_where_it_was_when_its_container_is_started_again(tmp_path):
    home = tmp_path / "home"
    store = Store.open(Settings(home=home))
    run = submit(store, example().with_values({"training.epochs": EPOCHS}), owner="local")
    with reserved_port() as port:
        with container(home, port):
            wait_for(lambda: store.runs.get(run.id).epoch >= 3)
        stopped = store.runs.get(run.id)
        assert (stopped.state, store.workers.current(), processes_of(home)) == (RunState.QUEUED, None, [])
        assert 3 <= stopped.epoch < EPOCHS
        with container(home, port):
            wait_for(lambda: store.runs.get(run.id).state.final)
    ended = store.runs.get(run.id)
    steps, _losses = store.metrics.points(run.id, Axis.EPOCH)[LOSS]
    store.close()
    assert (ended.state, ended.attempt, ended.epoch) == (RunState.COMPLETED, 2, EPOCHS)
    assert list(steps) == list(range(1, EPOCHS + 1))
    assert processes_of(home) == []
