"""Jobs done in a process of their own, as a child of the forkserver does them: with TensorFlow imported, and never run."""

import os
import subprocess
import sys

from dlcore.records import Job
from dlcore.store import Store
from tests.conftest import ROOT

_LIVE = """
import sys
import {module}
from dlcore.processes.job import live
from dlcore.processes.jobs import JOBS
from dlcore.settings import Settings

live(Settings.from_environment(), sys.argv[1], int(sys.argv[2]), JOBS)
"""


def do_apart(store: Store, job: Job, module: str) -> Job:
    """Returns a job that a new process has done.

    A child that is forked from one in which TensorFlow has computed waits for its threads forever.

    Args:
        store: where the job is; closed meanwhile.
        job: it waits.
        module: of the engine, imported before the process is divided into the confined one and its parent.
    """
    assert store.jobs.start(job)
    settings = store.settings
    attempt = store.jobs.get(job.id).attempt
    store.close()
    places = {
        "DLCORE_HOME": str(settings.home_dir), "KERAS_HOME": str(settings.keras_home), "DLCORE_MODE": settings.mode.value,
    }  # fmt: skip
    command = [sys.executable, "-c", _LIVE.format(module=module), job.id, str(attempt)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **places}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return store.jobs.get(job.id)
