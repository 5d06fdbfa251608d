"""A disk that is full in the middle of an export: the job has failed with that word, and nothing is left on it."""

import errno
import os
import re
from contextlib import suppress
from functools import partial

import pytest

from dlcore.exports import EXPORTS, Group
from dlcore.processes.doing import result_or_reason
from dlcore.processes.job import run_job
from dlcore.processes.jobs import JOBS
from dlcore.queue.exports import find_export, request_export
from dlcore.records import JobState
from dlcore.store import Store
from tests.datasets.disks import small_disk  # noqa: F401

pytestmark = pytest.mark.keras

QUICK = ("csv", "keras", "report")
"""Of each kind of file one; the others take seconds each."""
ROOM = 16 * 2**10
"""Bytes that a model still finds: it is begun, and does not fit."""


@pytest.fixture
def jobs(home, small_disk):  # noqa: F811
    """The folder of what jobs write, on a small disk of its own."""
    folder = home.settings.jobs_dir
    folder.symlink_to(small_disk)
    yield folder
    folder.unlink()


def fill(folder, *, leave):
    """Fills a disk but for some bytes; returns the file that does."""
    path = folder / "filling"
    with path.open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(4096))
        file.truncate(path.stat().st_size - leave)
    return path


# As HDF5 closes a file whose disk is full, it says so once more, where nobody can be told.
@pytest.mark.filterwarnings("ignore:Exception ignored in. 'h5py:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in QUICK else [pytest.mark.acceptance])
        for name, made in EXPORTS.items()
        if not made.missing()
    ],
)
def test_the_job_fails_with_the_disks_word_and_leaves_nothing(home, jobs, name):
    source, store = home.source("cnn"), Store.open(home.settings)
    filling = fill(jobs, leave=ROOM if EXPORTS[name].group is Group.MODEL else 0)
    job = request_export(store, source.run, name, owner="local")
    assert store.jobs.start(job)
    begun, kind = store.jobs.get(job.id), JOBS[job.what]
    limits = kind.limits(home.settings)
    reason = run_job(store, begun, kind, limits, partial(result_or_reason, kind, limits))
    assert reason is not None and store.jobs.finish(begun.id, begun.attempt, reason)

    full = re.escape(os.strerror(errno.ENOSPC))
    assert re.search(rf"cannot be written: {full}|the disk is full", reason.text()), reason.text()
    ended = find_export(store, source.run, name, owner="local")
    assert (ended.state, ended.reason) == (JobState.FAILED, reason)
    assert list(jobs.iterdir()) == [filling]
    store.close()
