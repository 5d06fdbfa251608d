"""What a job's process leaves behind."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from dlcore.datasets import load
from dlcore.processes.doing import result_or_reason
from dlcore.processes.job import run_job
from dlcore.processes.jobs import JOBS
from dlcore.processes.kinds import JobKind
from dlcore.processes.limits import export_limits
from dlcore.records import JobState
from dlcore.store import Store

pytestmark = pytest.mark.keras

FLIP = {"kind": "RandomFlip", "mode": "vertical"}


@pytest.fixture
def store(settings):
    opened = Store.open(settings)
    yield opened
    opened.close()


def done(store, settings, what="augmentation_preview", **changed):
    given = {
        "dataset": "digits",
        "version": "",
        "preprocessing": [],
        "augmentation": [FLIP],
        "seed": 4,
        "indices": [0, 9, 5],
        "copies": 6,
    }
    job = store.jobs.request(what, {**given, **changed}, owner="ann")
    assert store.jobs.start(job)
    kind = JOBS[what]
    # Not its whole process: this one must not be limited.
    limits = kind.limits(settings)
    do = partial(result_or_reason, kind, limits)
    store.jobs.finish(job.id, 1, run_job(store, store.jobs.get(job.id), kind, limits, do))
    return store.jobs.get(job.id)


def test_a_preview_shows_samples_before_and_after(store, settings):
    job = done(store, settings)
    assert (job.state, job.reason) == (JobState.DONE, None)
    with np.load(store.jobs.folder(job.id) / "preview.npz") as result:
        before, after = result["before"], result["after"]
    images = load("digits", settings, download=False).x_train
    np.testing.assert_array_equal(before, images[[0, 9, 5]])
    assert after.shape == (3, 6, 8, 8, 1)
    assert after.dtype == np.uint8
    kinds = {
        "as it was" if (copy == image).all() else "mirrored" if (copy == image[::-1]).all() else "else"
        for image, copies in zip(before, after, strict=True)
        for copy in copies
    }
    assert kinds == {"as it was", "mirrored"}


def test_another_draw_is_another_preview(store, settings):
    jobs = [done(store, settings, seed=seed) for seed in (1, 2)]
    one, two = (np.load(store.jobs.folder(job.id) / "preview.npz")["after"] for job in jobs)
    assert (one != two).any()


def test_data_that_is_not_there_is_the_reason(store, settings):
    job = done(store, settings, dataset="mnist")
    assert job.state is JobState.FAILED
    assert "mnist is not on this machine yet" in job.reason.text()


def test_whatever_goes_wrong_is_said(store, settings, capsys):
    job = done(store, settings, indices=[10**6])
    assert job.state is JobState.FAILED
    assert job.reason.text().startswith("an unexpected error: IndexError: index 1000000 is out of bounds")
    assert "Traceback" in capsys.readouterr().err
    assert list(settings.jobs_dir.iterdir()) == []


@pytest.mark.parametrize("file", ["kept", ""])
def test_a_job_whose_process_was_killed_goes_on_from_what_that_has_kept(store, file):
    found = []

    def count(_arguments, handle):
        kept = handle.folder / "kept"
        found.append(kept.read_text() if kept.is_file() else "")
        kept.unlink(missing_ok=True)
        return {}

    job = store.jobs.request("count", {}, owner="ann")
    assert store.jobs.start(job)
    job = store.jobs.get(job.id)
    left = store.jobs.part(replace(job, attempt=job.attempt - 1))
    left.mkdir(parents=True)
    (left / "kept").write_text("the first half")
    kind = JobKind("count", count, export_limits, False, True, None, None, progress_file=file)
    limits = kind.limits(store.settings)
    assert run_job(store, job, kind, limits, partial(result_or_reason, kind, limits)) is None
    assert found == ["the first half" if file else ""]
    assert [path.name for path in store.jobs.folder(job.id).iterdir()] == ["result.json"]
