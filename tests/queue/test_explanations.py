"""Requests for explanations: one for what is asked of a model, and none where nothing can be explained."""

from dataclasses import replace

import numpy as np
import pytest

from dlcore.durable import write_json
from dlcore.errors import DatasetError, NotFoundError, SpecError
from dlcore.processes.jobs import JOBS
from dlcore.queue import submit
from dlcore.queue.explanations import (
    ExplanationRequest,
    arrays_of,
    explanation_of,
    find_explanation,
    request_explanation,
)
from dlcore.queue.network_maps import (
    find_layers,
    find_map,
    request_importance,
    request_layers,
    request_map,
)
from dlcore.queue.ready import example
from dlcore.records.artifacts import RESULT_FILE
from dlcore.records.explanation_methods import Baseline, Form
from dlcore.records.explanations import ATTRIBUTION, EXPLANATION_FILE, Explanation
from dlcore.records.network_maps import MapMethod
from dlcore.store import Store

WANTED = ExplanationRequest("test", 7, "occlusion")
FOUND = Explanation("occlusion", Form.PICTURE, "test", 7, "3", 1.0, 0.73, True, "3", "3")


@pytest.fixture
def run(store: Store):
    return submit(store, example(), owner="local")


def test_equal_requests_are_one_job_until_the_model_changes(store, run):
    first = request_explanation(store, run, WANTED, owner="local")
    assert (
        request_explanation(store, run, ExplanationRequest("test", 7, "occlusion"), owner="local").id
        == first.id
    )
    others = [
        replace(WANTED, sample=8),
        replace(WANTED, part="validation"),
        replace(WANTED, output="5"),
        replace(WANTED, method="integrated_gradients"),
        replace(WANTED, baseline=Baseline.MEAN),
    ]
    ids = {request_explanation(store, run, one, owner="local").id for one in others}
    resumed = request_explanation(store, replace(run, epoch=run.epoch + 1), WANTED, owner="local").id
    assert len({first.id, resumed, *ids}) == 7


def test_what_does_not_suit_the_run_is_refused_before_any_job(store, run):
    with pytest.raises(SpecError, match="there is no method 'occlusoin'"):
        request_explanation(store, run, replace(WANTED, method="occlusoin"), owner="local")
    assert store.jobs.unfinished() == []


def test_what_a_job_has_found_is_read_back_and_what_is_swept_away_is_said(store, run):
    job = request_explanation(store, run, WANTED, owner="local")
    assert store.jobs.start(job)
    folder = store.jobs.folder(job.id)
    folder.mkdir(parents=True)
    side = JOBS["explanation"].store_side
    kept = side.conclude(job.arguments, FOUND.to_dict(), store, folder)
    with pytest.raises(NotFoundError, match="no longer kept"):
        arrays_of(store, job, EXPLANATION_FILE)
    write_json(folder / RESULT_FILE, kept)
    np.savez(folder / EXPLANATION_FILE, **{ATTRIBUTION: np.ones((2, 2))})
    assert store.jobs.finish(job.id, job.attempt + 1, None)
    found, arrays = explanation_of(store, store.jobs.get(job.id))
    assert found == FOUND and arrays[ATTRIBUTION].tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize("said", [{}, {**FOUND.to_dict(), "form": "poem"}, {**FOUND.to_dict(), "labels": 3}])
def test_what_a_process_says_is_not_kept_if_it_makes_no_sense(store, run, said, tmp_path):
    side = JOBS["explanation"].store_side
    with pytest.raises(DatasetError, match="said nothing that makes sense"):
        side.conclude({"run": run.id}, said, store, tmp_path)


def test_a_map_the_layers_and_the_columns_are_each_requested_once(store, run):
    first = request_map(store, run, "test", MapMethod.PCA, owner="local")
    assert find_map(store, run, "test", MapMethod.PCA, owner="local").id == first.id
    assert find_map(store, run, "test", MapMethod.TSNE, owner="local") is None
    layers = request_layers(store, run, "test", 7, owner="local")
    assert find_layers(store, run, "test", 7, owner="local").id == layers.id
    assert find_layers(store, run, "test", 8, owner="local") is None
    with pytest.raises(SpecError, match="only columns of tables and series"):
        request_importance(store, run, owner="local")
    assert find_explanation(store, run, WANTED, owner="local") is None
