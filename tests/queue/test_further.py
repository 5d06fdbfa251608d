"""From the best trial further."""

import math

import pytest

from dlcore.access.actors import Actor
from dlcore.errors import StateError
from dlcore.queue import studies
from dlcore.queue.further import finished_share, narrow_search, train_longer
from dlcore.queue.processes import own_identity
from dlcore.records import Origin, RunState, TrialState
from dlcore.search.dimensions import Choices, Range
from tests.search.runs import search
from tests.store.samples import moved

SPACE = {
    "training.optimizer.learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
    "training.optimizer.beta_1": {"low": 0.5, "high": 0.9},
    "training.epochs": {"low": 2, "high": 42},
    "training.optimizer.amsgrad": {"choices": [True, False]},
}


@pytest.fixture
def ended(store):
    """Makes a study whose trials ended with the given parameters and accuracies."""
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: False)

    def make(*trials, space=SPACE, **options):
        study = studies.start(store, search(space=space, **options), owner="ada")
        with store.studies.driving(study.id, me.id) as write:
            for number, (params, value) in enumerate(trials):
                write.add_trial(number, origin=Origin.SAMPLED, params=params)
                write.set_trial(number, state=TrialState.COMPLETE, values=(value,))
        return store.studies.get(study.id)

    return make


def trial(rate=0.01, beta=0.7, epochs=20, amsgrad=True):
    values = {"learning_rate": rate, "beta_1": beta, "amsgrad": amsgrad}
    return {
        **{f"training.optimizer.{name}": value for name, value in values.items()},
        "training.epochs": epochs,
    }


def narrowed(store, study):
    spec = narrow_search(store, study, store.studies.trials(study.id))
    return spec, {path.rpartition(".")[2]: dimension for path, dimension in spec.space.items()}


def test_ranges_become_a_quarter_as_wide_around_the_best_value(store, ended):
    spec, found = narrowed(store, ended((trial(), 0.9), (trial(rate=0.5, beta=0.6), 0.4)))

    # Four decades become one: half a decade to each side of 0.01.
    assert found["learning_rate"] == Range(low=0.00316228, high=0.0316228, log=True)
    assert (found["beta_1"].low, found["beta_1"].high) == pytest.approx((0.65, 0.75))
    assert (found["epochs"].low, found["epochs"].high) == (15, 25)
    assert spec.search.try_defaults is False
    assert spec.search.first == (trial(),)


def test_a_narrower_range_never_leaves_the_old_one(store, ended):
    best = trial(rate=1e-4, beta=0.9, epochs=41)
    _, found = narrowed(store, ended((best, 0.9)))

    assert found["learning_rate"].low == 1e-4
    assert found["learning_rate"].high == pytest.approx(1e-4 * math.sqrt(10), rel=1e-5)
    assert (found["beta_1"].low, found["beta_1"].high) == pytest.approx((0.85, 0.9))
    assert (found["epochs"].low, found["epochs"].high) == (36, 42)


def test_a_range_with_steps_stays_on_them_with_a_neighbour_on_each_side(store, ended):
    space = {**SPACE, "training.epochs": {"low": 10, "high": 50, "step": 10}}
    _, found = narrowed(store, ended((trial(epochs=30), 0.9), space=space))

    assert (found["epochs"].low, found["epochs"].high, found["epochs"].step) == (20, 40, 10)


def test_only_choices_of_the_best_fifth_stay(store, ended):
    good = [(trial(amsgrad=False), 0.9), (trial(amsgrad=False), 0.8)]
    others = [(trial(amsgrad=True), 0.5)] * 8

    assert narrowed(store, ended(*good, *others))[1]["amsgrad"] == Choices(choices=(False,))
    assert narrowed(store, ended(good[0], *others, others[0], others[0]))[1]["amsgrad"] == Choices(
        choices=(True, False)
    )


def test_before_a_trial_is_complete_there_is_nothing_to_search_around(store, ended):
    study = ended()

    with pytest.raises(StateError, match="no trial has completed yet"):
        narrow_search(store, study, [])


@pytest.mark.parametrize(
    ("trials", "most", "share"), [(0, 4, 0), (1, 4, 0.25), (4, 4, 1), (5, 4, 1), (3, None, None)]
)
def test_the_share_of_finished_trials_needs_a_limit(ended, trials, most, share):
    assert finished_share(ended(*[(trial(), 0.5)] * trials, max_trials=most)) == share


@pytest.fixture
def with_run(store, ended):
    """A study with one trial, and its run in a state."""

    def make(*states, owner="ada"):
        study = ended((trial(epochs=5), 0.5))
        spec = studies.experiment_of(store, study, store.studies.trial(study.id, 0))
        with store.studies.driving(study.id, store.workers.current().id) as write:
            given = {"spec": spec.to_dict(), "spec_hash": spec.hash, "name": "t", "dataset": "digits"}
            run = write.add_run(0, 0, epochs=5, parent_id=None, owner=owner, **given)
        return study, moved(store, store.runs.get(run), *states)

    return make


def longer(store, study, epochs=8):
    return train_longer(store, study, store.studies.trial(study.id, 0), epochs=epochs, actor=Actor("ada"))


def test_a_trial_that_ended_goes_on_where_its_run_was(store, with_run):
    study, run = with_run(RunState.STARTING, RunState.RUNNING, RunState.COMPLETED)

    found = longer(store, study)

    assert (found.id, found.epochs, found.state) == (run.id, 8, RunState.QUEUED)


@pytest.mark.parametrize(
    ("states", "owner"),
    [
        ((RunState.FAILED,), "ada"),
        ((RunState.STARTING, RunState.RUNNING), "ada"),
        ((RunState.STARTING, RunState.RUNNING, RunState.COMPLETED), "bob"),
    ],
)
def test_a_trial_whose_run_cannot_go_on_is_trained_anew(store, with_run, states, owner):
    study, run = with_run(*states, owner=owner)

    found = longer(store, study)

    assert found.id != run.id
    assert (found.epochs, found.state, found.owner, found.study_id) == (8, RunState.QUEUED, "ada", None)
    assert found.spec["training"]["epochs"] == 8
