"""A fine-tuning is queued only where its weights are there and one's own."""

import pytest

from dlcore.errors import SpecError
from dlcore.queue import submit
from dlcore.queue.sources import source_path
from dlcore.records import RunState
from dlcore.spec import ExperimentSpec
from dlcore.spec.fine_tuning import FromModel, FromRun
from tests.store.samples import moved

BODY = [{"kind": "Flatten"}, {"kind": "Dense", "units": 8, "name": "body"}, {"kind": "Dense", "name": "head"}]


def spec(source=None):
    tuning = {"fine_tuning": {"source": source.model_dump(mode="json")}} if source else {}
    return ExperimentSpec.from_dict({"model": {"layers": BODY}, **tuning})


def finished(store, owner="ann", state=RunState.COMPLETED):
    run = submit(store, spec(), owner=owner)
    run = moved(store, run, RunState.STARTING, RunState.RUNNING)
    (store.artifacts.create(run.id) / "model.keras").write_bytes(b"weights")
    return moved(store, run, state) if state else run


def test_a_run_of_ones_own_that_has_ended_is_a_source_and_becomes_the_parent(store):
    source = finished(store)
    child = submit(store, spec(FromRun(run=source.id)), owner="ann")
    assert child.parent_id == source.id
    path = source_path(store, FromRun(run=source.id), owner="ann")
    assert path.read_bytes() == b"weights"


def test_a_stopped_run_that_has_saved_a_model_will_do(store):
    source = finished(store, state=RunState.STOPPED)
    assert submit(store, spec(FromRun(run=source.id)), owner="ann").parent_id == source.id


def test_somebody_elses_run_is_not_taken(store):
    source = finished(store, owner="eve")
    with pytest.raises(SpecError, match=f"there is no run '{source.id}'"):
        submit(store, spec(FromRun(run=source.id)), owner="ann")


def test_a_run_at_work_and_one_without_a_model_are_refused(store):
    at_work = finished(store, state=None)
    bare = finished(store)
    (store.artifacts.folder(bare.id) / "model.keras").unlink()
    for run in (at_work, bare):
        with pytest.raises(SpecError, match=f"the run '{run.id}' has no model yet"):
            submit(store, spec(FromRun(run=run.id)), owner="ann")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (FromRun(run="0123456789"), "fine_tuning.source.run: there is no run '0123456789'"),
        (FromRun(), "fine_tuning.source: the source of the weights is missing"),
        (FromModel(model="0123456789ab"), "fine_tuning.source.model: there is no uploaded model"),
        (FromModel(), "fine_tuning.source: the source of the weights is missing"),
    ],
)
def test_a_source_that_is_not_there_is_named(store, source, sentence):
    with pytest.raises(SpecError) as caught:
        submit(store, spec(source), owner="ann")
    assert str(caught.value).startswith(sentence)


def test_a_run_that_starts_from_nothing_has_no_parent(store):
    assert submit(store, spec(), owner="ann").parent_id is None
