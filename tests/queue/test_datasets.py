"""Removing datasets: what still needs one holds it back."""

import pytest

from dlcore.access.actors import Actor
from dlcore.datasets.stored import stored_names
from dlcore.design.templates import proposal
from dlcore.errors import NotFoundError, StateError
from dlcore.queue import remove_dataset, submit
from dlcore.queue.processes import own_identity
from dlcore.records import RunState, StudyState
from tests.datasets.makers import people, stored
from tests.store.samples import moved
from tests.store.test_studies import new_study


@pytest.fixture
def facts(settings, tmp_path):
    return stored(people(tmp_path / "people.csv"), settings).facts


def test_a_run_that_waits_holds_its_dataset_until_it_is_stopped(store, facts):
    spec = proposal(facts).with_values({"training.early_stopping": None})  # six rows leave none to watch
    run = submit(store, spec, owner="me")
    with pytest.raises(StateError, match=f"run {run.id} still needs it"):
        remove_dataset(store, "it", actor=Actor("me"))
    with pytest.raises(NotFoundError):
        remove_dataset(store, "it", actor=Actor("eve"))
    moved(store, run, RunState.STOPPED)
    remove_dataset(store, "it", actor=Actor("me"))
    assert "it" not in stored_names(store.settings)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("state", [StudyState.RUNNING, StudyState.PAUSED])
def test_a_study_holds_its_dataset_between_its_trials_until_it_is_stopped(store, facts, state, whole):
    spec = {"space": {}, "dataset": {"name": "it", "version": facts.version}}
    study = new_study(store, "a search", owner="me", dataset="it", spec=spec)
    version = "" if whole else facts.version
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: False)
    with store.studies.driving(study.id, me.id) as write:
        write.set_study(state=state)
    with pytest.raises(StateError, match="study a search still needs it"):
        remove_dataset(store, "it", actor=Actor("me"), version=version)
    with store.studies.driving(study.id, me.id) as write:
        write.set_study(state=StudyState.STOPPED)
    remove_dataset(store, "it", actor=Actor("me"), version=version)
    assert "it" not in stored_names(store.settings)


def test_a_study_of_another_version_or_dataset_holds_nothing(store, facts):
    new_study(store, dataset="digits", spec={"space": {}, "dataset": {"name": "digits", "version": ""}})
    new_study(store, dataset="it", spec={"space": {}, "dataset": {"name": "it", "version": "older"}})
    remove_dataset(store, "it", actor=Actor("me"), version=facts.version)
    assert "it" not in stored_names(store.settings)


def test_a_dataset_too_damaged_to_say_whose_it_is_is_removed_by_who_runs_the_program(store, facts):
    (store.settings.stored_dir / "it" / facts.version / "manifest.json").write_text("{")
    with pytest.raises(NotFoundError):
        remove_dataset(store, "it", actor=Actor("eve"))
    remove_dataset(store, "it", actor=Actor(store.settings.owner))
    assert "it" not in stored_names(store.settings)
