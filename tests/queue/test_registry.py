"""Requests to the registry of models: whose they are, what can be kept, and what then has to wait."""

import pytest
from sqlalchemy import update

from dlcore.access.actors import Actor
from dlcore.errors import NotFoundError, SpecError, StateError
from dlcore.queue import delete, resume
from dlcore.queue import studies as study_requests
from dlcore.queue.registry import find_run, find_version, keep_model, remove_version, set_stage
from dlcore.records import RunState
from dlcore.records.artifacts import MODEL_FILE
from dlcore.store.tables import runs, studies
from tests.store.samples import in_state
from tests.store.test_studies import new_study


def trained(store, state=RunState.STOPPED, **values):
    run = in_state(store, state, **values)
    (store.artifacts.create(run.id) / MODEL_FILE).write_bytes(b"weights")
    return run


def test_a_model_of_your_own_that_a_run_has_left_is_kept(store):
    run = trained(store)
    made = keep_model(store, run.id, "digits", actor=Actor("ann"), notes="best").to_dict()
    assert made.pop("created").startswith("20")
    assert made == {
        "model": "digits",
        "version": 1,
        "reference": "digits@1",
        "run_id": run.id,
        "stage": "none",
        "notes": "best",
        "exported": [],
        "tried": [],
    }
    with pytest.raises(NotFoundError):
        keep_model(store, run.id, "mine", actor=Actor("bob"))
    with pytest.raises(StateError, match=r"the run is running; only the model of one that has ended"):
        keep_model(store, trained(store, RunState.RUNNING).id, "digits", actor=Actor("ann"))
    with pytest.raises(StateError, match="the run has left no model"):
        keep_model(store, in_state(store, RunState.FAILED).id, "digits", actor=Actor("ann"))


def test_until_it_is_removed_its_run_is_neither_deleted_nor_trained_on(store):
    run = trained(store)
    keep_model(store, run.id, "digits", actor=Actor("ann"))
    keep_model(store, run.id, "other", actor=Actor("ann"))
    for refused in (delete, resume):
        with pytest.raises(StateError, match="a model that you keep comes from it: digits@1, other@1"):
            refused(store, run.id, actor=Actor("ann"))
    assert (store.artifacts.folder(run.id) / MODEL_FILE).read_bytes() == b"weights"
    for name in ("digits", "other"):
        remove_version(store, name, actor=Actor("ann"))
    assert resume(store, run.id, actor=Actor("ann")).state is RunState.QUEUED


def test_a_study_stays_while_the_model_of_a_trial_is_kept(store):
    study, run = new_study(store, owner="ann"), trained(store)
    with store.database.write() as connection:
        trial = {"study_id": study.id, "trial": 0, "repeat": 0}
        connection.execute(update(runs).where(runs.c.id == run.id).values(**trial))
        connection.execute(update(studies).where(studies.c.id == study.id).values(state="completed"))
    version = keep_model(store, run.id, "digits", actor=Actor("ann"))
    with pytest.raises(StateError, match=r"search: a model that you keep comes from it: digits@1\. Remove"):
        study_requests.delete(store, study.id, actor=Actor("ann"))
    assert store.studies.requests(study.id) == []

    remove_version(store, version.reference, actor=Actor("ann"))
    study_requests.delete(store, study.id, actor=Actor("ann"))
    assert len(store.studies.requests(study.id)) == 1


def test_versions_are_named_by_number_stage_or_as_the_newest(store):
    first, second = (keep_model(store, trained(store).id, "digits", actor=Actor("ann")) for _ in range(2))
    assert set_stage(store, "digits@1", "production", actor=Actor("ann")).stage.value == "production"
    for reference, number in (("digits", 2), ("digits@", 2), ("digits@latest", 2), ("digits@1", 1)):
        assert find_version(store, reference, actor=Actor("ann")).number == number
    assert find_run(store, "digits@production", actor=Actor("ann")).id == first.run_id
    assert find_run(store, second.run_id, actor=Actor("ann")).id == second.run_id
    for wrong in ("digits@3", "digits@staging", "other@1"):
        with pytest.raises(NotFoundError):
            find_run(store, wrong, actor=Actor("ann"))
    with pytest.raises(NotFoundError):
        find_version(store, "digits", actor=Actor("bob"))
    with pytest.raises(SpecError, match="there is no stage 'live'"):
        set_stage(store, "digits", "live", actor=Actor("ann"))
