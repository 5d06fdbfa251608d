"""A label check of a stranger: trained in a process that has no store, no network and nobody else's files."""

import pytest

from dlcore.confinement import missing_protections
from dlcore.queue import submit
from dlcore.queue.label_checks import label_check_of, request_label_check
from dlcore.queue.ready import example
from dlcore.records import JobState
from dlcore.settings import Settings
from dlcore.store import Store
from tests.processes.apart import do_apart

pytestmark = [
    pytest.mark.keras,
    pytest.mark.processes,
    pytest.mark.skipif(bool(missing_protections()), reason="this machine cannot confine a process"),
]


def test_a_visitors_labels_are_checked_in_a_confined_process(tmp_path):
    store = Store.open(Settings(home=tmp_path / "home", KERAS_HOME=tmp_path / "keras", mode="demo"))
    spec = example().with_values({"training.epochs": 1, "training.batch_size": 256})
    run = submit(store, spec, owner="ann")
    job = do_apart(store, request_label_check(store, run, owner="ann", folds=2), "dlcore.engine.folds")
    assert job.state is JobState.DONE, job.reason
    found = label_check_of(store, job)
    assert (found.samples, found.folds) == (1_797, 2)
    assert found.suspicions
    assert list(store.settings.confined_dir.glob("*/home-*")) == []
    store.close()
