"""What is usual to a model is learned once, and put into the folder of its run."""

from dataclasses import replace

import numpy as np
import pytest

from dlcore.analysis.unlike import Familiar
from dlcore.errors import DatasetError
from dlcore.processes.jobs import JOBS
from dlcore.queue import submit
from dlcore.queue.familiarity import find_familiarity, request_familiarity
from dlcore.queue.ready import example
from dlcore.records.artifacts import FAMILIAR_FILE
from dlcore.store import Store
from dlcore.store.run_files import read_arrays

SAID = {"samples": 40, "validated": 10}


@pytest.fixture
def run(store: Store):
    return submit(store, example(), owner="local")


@pytest.fixture
def arrays():
    points = np.random.default_rng(0).normal(size=(50, 3))
    familiar = Familiar.fit(points[:40], np.arange(40) % 2, points[40:], None)
    return {**familiar.to_arrays(), "model": np.arange(32, dtype=np.uint8)}


def conclude(store, run, folder, said=SAID):
    side = JOBS["familiarity"].store_side
    return side.conclude({"run": run.id}, said, store, folder)


def test_it_is_requested_once_for_each_model(store, run):
    job = request_familiarity(store, run, owner="local")
    assert find_familiarity(store, run, owner="local").id == job.id
    assert find_familiarity(store, replace(run, epoch=run.epoch + 1), owner="local") is None


def test_what_was_learned_is_put_into_the_folder_of_the_run(store, run, arrays, tmp_path):
    np.savez(tmp_path / FAMILIAR_FILE, **arrays, more=np.zeros(9))
    assert conclude(store, run, tmp_path) == SAID
    kept = read_arrays(store.artifacts.folder(run.id) / FAMILIAR_FILE)
    assert sorted(kept) == sorted(arrays)
    np.testing.assert_array_equal(kept["means"], arrays["means"])


@pytest.mark.parametrize("changed", [{"model": np.zeros(3, np.uint8)}, {"columns": np.zeros(2, np.int64)}])
def test_arrays_that_make_no_sense_are_not_kept(store, run, arrays, tmp_path, changed):
    np.savez(tmp_path / FAMILIAR_FILE, **{**arrays, **changed})
    with pytest.raises(DatasetError, match="said nothing that makes sense"):
        conclude(store, run, tmp_path)
    with pytest.raises(DatasetError, match="said nothing that makes sense"):
        conclude(store, run, tmp_path, said={"samples": "many"})
    assert not (store.artifacts.folder(run.id) / FAMILIAR_FILE).exists()
