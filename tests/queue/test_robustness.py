"""Requests for robustness: one for what is asked of a model, and none where nothing can be disturbed."""

from dataclasses import replace

import numpy as np
import pytest

from dlcore.durable import write_json
from dlcore.errors import DatasetError, SpecError
from dlcore.processes.jobs import JOBS
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.queue.robustness import (
    RobustnessRequest,
    disturbed_of,
    find_disturbed,
    find_robustness,
    request_disturbed,
    request_robustness,
    robustness_of,
)
from dlcore.records.artifacts import RESULT_FILE
from dlcore.records.explanation_methods import Form
from dlcore.records.robustness import (
    CHANGED,
    DISTURBED_FILE,
    DisturbedAnswer,
    DisturbedSample,
    Robustness,
    RobustnessPoint,
    Unit,
)
from dlcore.store import Store

WANTED = RobustnessRequest("fgsm")
FOUND = Robustness("fgsm", "test", Unit.LEVELS, True, 9, 9, (RobustnessPoint(0.0, 1.0, 0.7, 1.0),))
SAMPLE = DisturbedSample(
    "fgsm", Form.PICTURE, "test", 7, Unit.LEVELS, "3", (), (DisturbedAnswer(0.0, "3", 0.9, True),)
)


@pytest.fixture
def run(store: Store):
    return submit(store, example(), owner="local")


def end(store, job, found, **arrays):
    """Brings a job to its end with this result, as its process does."""
    assert store.jobs.start(job)
    folder = store.jobs.folder(job.id)
    folder.mkdir(parents=True)
    if arrays:
        np.savez(folder / DISTURBED_FILE, **arrays)
    side = JOBS[job.what].store_side
    write_json(folder / RESULT_FILE, side.conclude(job.arguments, found.to_dict(), store, folder))
    assert store.jobs.finish(job.id, job.attempt + 1, None)
    return store.jobs.get(job.id)


def test_equal_requests_are_one_job_until_the_model_changes(store, run):
    first = request_robustness(store, run, WANTED, owner="local")
    assert request_robustness(store, run, RobustnessRequest("fgsm"), owner="local").id == first.id
    assert find_robustness(store, run, WANTED, owner="local").id == first.id
    others = [
        replace(WANTED, kind="pgd"),
        replace(WANTED, part="validation"),
        replace(WANTED, strengths=(4.0,)),
    ]
    ids = {request_robustness(store, run, one, owner="local").id for one in others}
    resumed = request_robustness(store, replace(run, epoch=run.epoch + 1), WANTED, owner="local").id
    assert len({first.id, resumed, *ids}) == 5


def test_what_does_not_suit_the_run_is_refused_before_any_job(store, run):
    with pytest.raises(SpecError, match="there is no disturbance"):
        request_robustness(store, run, replace(WANTED, kind="fog"), owner="local")
    with pytest.raises(SpecError, match="above 0 and at most 255"):
        request_disturbed(store, run, replace(WANTED, strengths=(300.0,)), 7, owner="local")
    assert store.jobs.unfinished() == []


def test_what_the_jobs_have_found_is_read_back(store, run):
    job = end(store, request_robustness(store, run, WANTED, owner="local"), FOUND)
    assert robustness_of(store, job) == FOUND
    job = end(
        store, request_disturbed(store, run, WANTED, 7, owner="local"), SAMPLE, **{CHANGED: np.ones((1, 2))}
    )
    found, arrays = disturbed_of(store, job)
    assert found == SAMPLE and arrays[CHANGED].tolist() == [[1, 1]]
    assert find_disturbed(store, run, WANTED, 7, owner="local").id == job.id
    assert find_disturbed(store, run, WANTED, 8, owner="local") is None


@pytest.mark.parametrize("said", [{}, {**FOUND.to_dict(), "unit": "miles"}, {**FOUND.to_dict(), "points": 3}])
def test_what_a_process_says_is_not_kept_if_it_makes_no_sense(store, run, said, tmp_path):
    with pytest.raises(DatasetError, match="said nothing that makes sense"):
        JOBS["robustness"].store_side.conclude({"run": run.id}, said, store, tmp_path)
