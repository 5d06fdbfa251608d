"""A system that has what Windows has: no fcntl, no resource, and nothing that forks. There, too, runs train."""

import os
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from dlcore.datasets.ingest import NOTHING
from dlcore.processes.jobs import JOBS
from dlcore.queue import ensure_worker, submit
from dlcore.queue.jobs import SourceFile, proposal_of, request_inspection
from dlcore.queue.start import ROOT
from dlcore.records import JobState, RunState
from dlcore.records.artifacts import CHECKPOINT_FILE
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store
from tests.datasets.makers import people
from tests.waiting import wait_for

pytestmark = [pytest.mark.keras, pytest.mark.processes]

SITE = """
import multiprocessing
import multiprocessing.context as context
import os
import sys

import filelock, psutil  # they have another way on Windows

for name in ("fcntl", "resource"):
    sys.modules[name] = None
for name in ("fork", "forkpty"):
    delattr(os, name)


def refuse(process):
    raise AssertionError("nothing can be forked here")


for kind in (context.ForkProcess, context.ForkServerProcess):
    kind._Popen = staticmethod(refuse)
spawn = context._concrete_contexts["spawn"]
context._concrete_contexts = {"spawn": spawn}
context._default_context._default_context = spawn
multiprocessing.get_all_start_methods = lambda: ["spawn"]
"""

IMPORT = """
import importlib, multiprocessing.context, os, pkgutil, sys
import tensorflow  # its build for Linux needs what Windows lacks
for name in ("ForkProcess", "ForkServerProcess", "ForkContext", "ForkServerContext"):
    delattr(multiprocessing.context, name)
assert not hasattr(os, "fork") and sys.modules["fcntl"] is None
import dlcore
names = [found.name for found in pkgutil.walk_packages(dlcore.__path__, "dlcore.")]
for name in names:
    # These two are programs, which run when they are imported.
    if name not in ("dlcore.__main__", "dlcore.ui.router"):
        importlib.import_module(name)
print(*names, sep="\\n")
"""

SPEC = ExperimentSpec.from_dict(
    {
        "dataset": {"name": "digits", "train_samples": 400},
        "model": {"layers": ["Flatten", {"kind": "Dense"}]},
        "training": {"epochs": 2, "batch_size": 16},
    }
)
FOR_EVER = 100_000


@pytest.fixture
def places(tmp_path):
    """What PYTHONPATH has to be, for all processes that are started from here."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE)
    return os.pathsep.join((str(tmp_path / "site"), str(ROOT)))


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", KERAS_HOME=tmp_path / "keras", poll_seconds=0.05)


@pytest.fixture
def store(settings):
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def supervisor(settings, store, places, monkeypatch):
    """The real one, started the way a page does."""
    monkeypatch.setenv("PYTHONPATH", places)
    ensure_worker(settings, store)
    wait_for(store.workers.current)
    process = psutil.Process(store.workers.current().pid)
    yield process
    for child in (process, *children(process)):
        with suppress(psutil.NoSuchProcess):
            child.kill()


def children(process):
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def test_every_module_is_imported(places, settings):
    done = subprocess.run(
        [sys.executable, "-c", IMPORT],
        env={**os.environ, **settings.environment(), "PYTHONPATH": places},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {"dlcore.worker.supervisor", "dlcore.ui.train.page", "dlcore.engine.entry"} <= set(
        done.stdout.split()
    )


def test_a_run_trains_a_job_is_done_and_a_run_that_is_interrupted_goes_back_to_the_queue(
    supervisor, store, settings, tmp_path
):
    job = request_inspection(
        store, SourceFile.at(people(tmp_path / "people.csv"), "people.csv"), NOTHING, owner="ann"
    )
    assert not JOBS[job.what].needs_keras
    run = submit(store, SPEC, owner="ann")
    wait_for(lambda: store.jobs.get(job.id).state.final)
    assert store.jobs.get(job.id).state is JobState.DONE, store.jobs.get(job.id).reason
    assert proposal_of(store, job).name == "people"
    wait_for(lambda: store.runs.get(run.id).state.final)
    done = store.runs.get(run.id)
    assert (done.state, done.reason, done.epoch, done.attempt) == (RunState.COMPLETED, None, 2, 1)

    endless = submit(store, SPEC.updated(training={"epochs": FOR_EVER}), owner="ann")
    wait_for(lambda: store.runs.get(endless.id).epoch >= 2)
    came = children(supervisor)
    supervisor.terminate()
    wait_for(lambda: not supervisor.is_running() or supervisor.status() == psutil.STATUS_ZOMBIE)
    saved = store.runs.get(endless.id)
    assert (saved.state, saved.attempt, store.runs.lost_count(endless.id)) == (RunState.QUEUED, 1, 0)
    assert (store.artifacts.folder(endless.id) / CHECKPOINT_FILE).is_file()
    wait_for(lambda: not any(child.is_running() for child in came))
