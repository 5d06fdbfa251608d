"""Studies and trials: who writes them, and how a page learns what is new."""

import pytest

from dlcore.errors import LeaseLostError, Message, NotFoundError
from dlcore.queue.processes import own_identity
from dlcore.records import Origin, StudyAction, StudyState, TrialState
from tests.store.samples import of_trial, queued


def new_study(store, name="search", **values):
    given = {
        "name": name, "owner": "ada", "spec": {"space": {}}, "dataset": "digits",
        "metrics": ["val_accuracy"], "directions": ["maximize"], "parallel": 1, "max_trials": 10,
        "max_seconds": None, "target": None,
    }  # fmt: skip
    return store.studies.create(**{**given, **values})


@pytest.fixture
def driver(store):
    """The id of a supervisor that holds the lease."""
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: False)
    return me.id


def test_a_study_comes_back_as_it_was_made(store):
    study = new_study(store, max_seconds=60.0, target=0.9)
    assert (study.name, study.owner, study.state, study.dataset) == (
        "search",
        "ada",
        StudyState.RUNNING,
        "digits",
    )
    assert (study.metrics, study.directions, study.parallel) == (("val_accuracy",), ("maximize",), 1)
    assert (study.max_trials, study.max_seconds, study.target) == (10, 60.0, 0.9)
    assert (study.counts, study.finished, study.best, study.revision) == ({}, 0, None, 0)


def test_a_study_is_found_by_its_id_and_by_the_newest_of_its_name(store):
    old, new = new_study(store), new_study(store)
    assert store.studies.named("search").id == new.id
    assert store.studies.named(old.id).id == old.id
    with pytest.raises(NotFoundError, match="there is no study 'nothing'"):
        store.studies.named("nothing")


def test_the_states_of_studies_are_told_the_newest_first(store, driver):
    old, new, other = new_study(store), new_study(store), new_study(store, owner="bob")
    with store.studies.driving(old.id, driver) as write:
        write.set_study(state=StudyState.PAUSED)
    mine = [(new.id, StudyState.RUNNING), (old.id, StudyState.PAUSED)]
    assert store.studies.states(owner="ada") == mine
    assert store.studies.states() == [(other.id, StudyState.RUNNING), *mine]
    assert store.studies.states(limit=1) == [(other.id, StudyState.RUNNING)]


def test_only_the_supervisor_with_the_lease_writes_a_study(store, driver):
    study = new_study(store)
    with store.studies.driving(study.id, driver) as write:
        write.set_study(state=StudyState.PAUSED, reason=Message("tired."))
    with (
        pytest.raises(LeaseLostError, match="another supervisor has taken over"),
        store.studies.driving(study.id, "somebody else") as write,
    ):
        write.set_study(state=StudyState.RUNNING)
    found = store.studies.get(study.id)
    assert (found.state, found.reason.text()) == (StudyState.PAUSED, "tired.")


def test_a_page_is_told_of_the_trials_that_changed_since_it_asked_last(store, driver):
    study = new_study(store)
    with store.studies.driving(study.id, driver) as write:
        for number in range(3):
            write.add_trial(number, origin=Origin.SAMPLED, params={"training.epochs": number})
    seen = store.studies.get(study.id).revision
    assert store.studies.trials(study.id, since=seen) == []
    with store.studies.driving(study.id, driver) as write:
        write.set_trial(1, state=TrialState.COMPLETE, values=(0.5,))
    assert [trial.number for trial in store.studies.trials(study.id, since=seen)] == [1]
    changed = store.studies.trial(study.id, 1)
    assert (changed.state, changed.values, changed.value, changed.counts) == (
        TrialState.COMPLETE,
        (0.5,),
        0.5,
        True,
    )
    assert changed.finished_at is not None
    counts = store.studies.get(study.id).counts
    assert counts == {TrialState.COMPLETE: 1, TrialState.WAITING: 2}


def test_the_trials_that_ended_last_are_found_without_reading_the_others(store, driver):
    study = new_study(store)
    with store.studies.driving(study.id, driver) as write:
        for number in range(4):
            write.add_trial(number, origin=Origin.SAMPLED, params={})
        for number in (2, 0, 1):
            write.set_trial(number, state=TrialState.COMPLETE, values=(0.5,))
    assert [trial.number for trial in store.studies.latest(study.id, 2)] == [1, 0]
    assert [trial.number for trial in store.studies.latest(study.id, 9)] == [1, 0, 2]


def test_a_trial_that_is_there_is_not_made_again(store, driver):
    study = new_study(store)
    for params in ({"a": 1}, {"a": 2}):
        with store.studies.driving(study.id, driver) as write:
            write.add_trial(0, origin=Origin.FIRST, params=params)
    assert [trial.params for trial in store.studies.trials(study.id)] == [{"a": 1}]


def test_a_seed_of_a_trial_has_one_run_however_often_it_is_asked_for(store, driver):
    study, plain = new_study(store), queued(store)
    made = []
    for _ in range(2):
        with store.studies.driving(study.id, driver) as write:
            given = {"spec": plain.spec, "spec_hash": "", "name": "t", "owner": "ada", "dataset": "digits"}
            made.append(write.add_run(4, 0, epochs=2, parent_id=None, **given))
    assert made[0] == made[1]
    (run,) = store.runs.of_trial(study.id, 4)
    assert (run.id, run.study_id, run.trial) == (made[0], study.id, 4)


def test_the_list_of_runs_leaves_out_trials_unless_they_are_asked_for(store, driver):
    study, plain = new_study(store), queued(store)
    with store.studies.driving(study.id, driver) as write:
        given = {"spec": plain.spec, "spec_hash": "", "name": "t", "owner": "ada", "dataset": "digits"}
        trial = write.add_run(0, 0, epochs=2, parent_id=None, **given)
    assert [run.id for run in store.runs.list()] == [plain.id]
    assert [run.id for run in store.runs.list(study=study.id)] == [trial]
    assert [run.id for run in store.runs.list(search=trial)] == [trial]
    assert (store.runs.count(), store.runs.count(study=study.id), store.runs.count(trials=True)) == (1, 1, 2)
    assert {run.id for run in store.runs.list(trials=True)} == {plain.id, trial}


def test_what_is_asked_of_a_driver_waits_until_it_is_done(store, driver):
    study = new_study(store)
    with store.studies.driving(study.id, driver) as write:
        write.set_study(state=StudyState.COMPLETED)
    assert store.studies.alive() == []
    store.studies.ask(study.id, StudyAction.SET, {"max_trials": 20})
    (asked,) = store.studies.requests(study.id)
    assert (asked.action, asked.arguments) == (StudyAction.SET, {"max_trials": 20})
    assert [one.id for one in store.studies.alive()] == [study.id]
    with store.studies.driving(study.id, driver) as write:
        write.done(asked.id)
    assert store.studies.requests(study.id) == []


def test_a_deleted_study_takes_its_trials_and_runs_with_it(store, driver):
    study, plain = new_study(store), queued(store)
    with store.studies.driving(study.id, driver) as write:
        write.add_trial(0, origin=Origin.SAMPLED, params={})
        given = {"spec": plain.spec, "spec_hash": "", "name": "t", "owner": "ada", "dataset": "digits"}
        write.add_run(0, 0, epochs=2, parent_id=None, **given)
    store.studies.delete(study.id)
    assert (len(store.studies.list()), store.runs.count(study=study.id), store.runs.count()) == (0, 0, 1)


def test_a_run_that_its_study_pruned_says_so_when_it_has_stopped(store):
    run = of_trial(store, new_study(store), 0)
    why = Message("it is behind the others.")
    assert store.runs.request_stop(run.id, prune_reason=why)
    found = store.runs.get(run.id)
    assert (found.stop_requested, found.stopped_state.value, found.prune_reason) == (True, "pruned", why)


def test_a_run_of_no_study_that_something_else_ends_has_stopped(store):
    run, why = queued(store), Message("its owner has no minutes left.")
    assert store.runs.request_stop(run.id, prune_reason=why)
    found = store.runs.get(run.id)
    assert (found.stopped_state.value, found.prune_reason) == ("stopped", why)
