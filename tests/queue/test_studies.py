"""What can be asked of a study, and when."""

import pytest

from dlcore.access.actors import Actor
from dlcore.errors import NotFoundError, SpecError, StateError
from dlcore.queue import studies
from dlcore.queue.processes import own_identity
from dlcore.records import Origin, StudyAction, StudyState, TrialState
from tests.search.runs import search
from tests.store.samples import queued


@pytest.fixture
def begin(store):
    """Starts a study with trials in the given states, and leaves it in a state."""
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: False)

    def make(*trials: TrialState, state: StudyState = StudyState.PAUSED, **options):
        study = studies.start(store, search(**options), owner="ada")
        with store.studies.driving(study.id, me.id) as write:
            for number, trial in enumerate(trials):
                write.add_trial(number, origin=Origin.SAMPLED, params={})
                write.set_trial(number, state=trial)
            write.set_study(state=state)
        return store.studies.get(study.id)

    return make


def asked(store, study) -> list[tuple[StudyAction, dict]]:
    return [(one.action, one.arguments) for one in store.studies.requests(study.id)]


DONE, FAILED, WAITS, RUNS = TrialState.COMPLETE, TrialState.FAIL, TrialState.WAITING, TrialState.RUNNING


@pytest.mark.parametrize(
    ("trials", "most"),
    [
        ((DONE,), 2),
        ((DONE, FAILED), 3),
        # What was added by hand is still to be done, whatever the limit.
        ((DONE, DONE, WAITS), 2),
        ((DONE, DONE, RUNS), 2),
        ((DONE, DONE, DONE), None),
    ],
)
def test_a_study_with_something_left_to_do_goes_on(store, begin, trials, most):
    study = begin(*trials, max_trials=most)

    studies.resume(store, study.id, actor=Actor("ada"))

    assert asked(store, study) == [(StudyAction.RESUME, {})]


@pytest.mark.parametrize("trials", [(DONE, DONE), (DONE, TrialState.PRUNED), (DONE, DONE, FAILED)])
def test_a_study_that_has_used_up_its_trials_needs_more_before_it_goes_on(store, begin, trials):
    study = begin(*trials, max_trials=2, state=StudyState.COMPLETED)

    with pytest.raises(StateError, match=r"all trials are done \(2\)\. Ask for more trials first"):
        studies.resume(store, study.id, actor=Actor("ada"))

    assert asked(store, study) == []


@pytest.mark.parametrize(
    ("ask", "state", "says"),
    [
        (studies.pause, StudyState.PAUSED, "only a running study can be paused"),
        (studies.resume, StudyState.RUNNING, "the study is already running"),
        (studies.stop, StudyState.STOPPED, "the study has already ended"),
        (studies.stop, StudyState.COMPLETED, "the study has already ended"),
        (studies.delete, StudyState.RUNNING, "the study is running"),
        (studies.retry, StudyState.PAUSED, "no trial has failed"),
    ],
)
def test_what_makes_no_sense_in_a_state_is_refused(store, begin, ask, state, says):
    study = begin(DONE, state=state)

    with pytest.raises(StateError, match=says):
        ask(store, study.id, actor=Actor("ada"))

    assert asked(store, study) == []


@pytest.mark.parametrize(
    ("ask", "state", "action"),
    [
        (studies.pause, StudyState.RUNNING, StudyAction.PAUSE),
        (studies.stop, StudyState.RUNNING, StudyAction.STOP),
        (studies.stop, StudyState.PAUSED, StudyAction.STOP),
        (studies.delete, StudyState.PAUSED, StudyAction.DELETE),
    ],
)
def test_what_makes_sense_is_left_to_the_driver(store, begin, ask, state, action):
    study = begin(DONE, state=state)

    ask(store, study.id, actor=Actor("ada"))

    assert asked(store, study) == [(action, {})]


def test_a_study_whose_trial_still_trains_is_not_deleted(store, begin):
    study = begin(RUNS)
    plain = queued(store)
    with store.studies.driving(study.id, store.workers.current().id) as write:
        given = {"spec": plain.spec, "spec_hash": "", "name": "t", "owner": "ada", "dataset": "digits"}
        write.add_run(0, 0, epochs=2, parent_id=None, **given)

    with pytest.raises(StateError, match="the study is running"):
        studies.delete(store, study.id, actor=Actor("ada"))


def test_only_a_trial_that_has_not_ended_is_pruned(store, begin):
    study = begin(DONE, RUNS)

    studies.prune(store, study.id, 1, actor=Actor("ada"))
    with pytest.raises(StateError, match="the trial has already ended"):
        studies.prune(store, study.id, 0, actor=Actor("ada"))

    assert asked(store, study) == [(StudyAction.PRUNE, {"number": 1})]


def test_trials_that_failed_are_retried_all_or_those_that_were_chosen(store, begin):
    study = begin(FAILED, DONE, FAILED)

    studies.retry(store, study.id, actor=Actor("ada"))
    studies.retry(store, study.id, [1, 2], actor=Actor("ada"))
    with pytest.raises(StateError, match="no trial has failed"):
        studies.retry(store, study.id, [1], actor=Actor("ada"))

    assert [arguments for _, arguments in asked(store, study)] == [{"numbers": [0, 2]}, {"numbers": [2]}]


def test_only_what_can_change_is_changed(store, begin):
    study = begin(metrics=["val_accuracy", "parameters"], sampler="NSGAIISampler")

    studies.change(store, study.id, actor=Actor("ada"), max_trials=20, parallel=2)
    with pytest.raises(SpecError, match="a target is for a search with one metric"):
        studies.change(store, study.id, actor=Actor("ada"), target=0.9)

    assert asked(store, study) == [(StudyAction.SET, {"max_trials": 20, "parallel": 2})]


def test_nobody_else_asks_anything_of_a_study(store, begin):
    study = begin(DONE, state=StudyState.RUNNING)

    with pytest.raises(NotFoundError):
        studies.pause(store, study.id, actor=Actor("bob"))
