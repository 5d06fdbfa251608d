"""The study driver: what it starts, how it judges, what it survives."""

import math

import optuna
import pytest

from dlcore.access.actors import Actor
from dlcore.errors import (
    Message,
    NotFoundError,
    SpecError,
    StateError,
)
from dlcore.queue import annotate, further
from dlcore.queue import studies as requests
from dlcore.records import AnnotationEdit, Origin, RunState, StudyState
from dlcore.worker.studies.optuna_storage import open_storage
from dlcore.worker.supervisor import LOST_TOO_OFTEN
from tests.search.runs import Fails, World, in_optuna, near_a_tenth, rate


def test_a_search_ends_with_its_last_trial_and_knows_the_best(world):
    study = world.begin(max_trials=5)
    ended = world.finish(study)
    assert (ended.state, ended.finished) == (StudyState.COMPLETED, 5)
    assert ended.reason.text() == "all trials are done (5)."
    trials = world.trials(study)
    assert [trial.number for trial in trials] == [0, 1, 2, 3, 4]
    best = max(trials, key=lambda trial: trial.value)
    assert (ended.best, ended.best_value) == (best.number, best.value)
    assert all(trial.epoch == 3 for trial in trials)


def test_a_trial_is_a_run_with_its_parameters(world):
    study = world.begin(max_trials=1)
    (run,) = world.queued()
    assert (run.study_id, run.trial, run.owner, run.name) == (study.id, 0, "ada", "search · 0")
    world.finish(study)
    (trial,) = world.trials(study)
    assert trial.run_id == run.id
    assert trial.params == {"training.optimizer.learning_rate": rate(run)}
    assert trial.value == pytest.approx(near_a_tenth(run, 3))
    assert trial.measured["val_accuracy"] == trial.value
    assert trial.measured["parameters"] == 650
    assert trial.measured["seconds"] == 1.0


def test_the_first_trial_has_the_experiments_own_values(world):
    study = world.begin(max_trials=2)
    (run,) = world.queued()
    assert rate(run) == 0.001
    assert world.trials(study)[0].origin is Origin.DEFAULTS


def test_what_shall_be_tried_first_is_tried_first(world):
    first = [{"training.optimizer.learning_rate": 0.1}, {"training.optimizer.learning_rate": 0.01}]
    study = world.begin(max_trials=3, try_defaults=False, first=first)
    world.finish(study)
    found = [trial.params["training.optimizer.learning_rate"] for trial in world.trials(study)]
    assert found[:2] == [0.1, 0.01]
    assert [trial.origin.value for trial in world.trials(study)] == ["first", "first", "sampled"]


def test_as_many_trials_run_as_are_wanted_at_once(world):
    study = world.begin(max_trials=8, parallel=3)
    assert len(world.queued()) == 3
    requests.change(world.store, study.id, actor=Actor("ada"), parallel=5)
    world.tick()
    world.tick()
    assert len(world.queued()) == 5
    world.finish(study)
    assert world.states(study) == ["complete"] * 8


def test_a_trial_that_falls_behind_is_pruned_and_says_so(store):
    world = World(store, lambda run, epoch: 0.9 if run.trial < 2 else 0.1)
    pruner = {"kind": "MedianPruner", "n_startup_trials": 2}
    study = world.begin(max_trials=4, pruner=pruner, sampler="RandomSampler")
    world.finish(study)
    assert world.states(study) == ["complete", "complete", "pruned", "pruned"]
    trial = world.trials(study)[2]
    assert trial.reason.text() == "with val_accuracy 0.1 after epoch 1 it fell behind the other trials."
    assert (trial.values, trial.epoch) == ((0.1,), 1)
    assert world.store.runs.get(trial.run_id).state is RunState.PRUNED
    assert [t.state.name for t in in_optuna(world, study)] == ["COMPLETE", "COMPLETE", "PRUNED", "PRUNED"]


def test_a_trial_with_a_model_that_cannot_be_is_pruned_with_its_reason(world):
    space = {"model.layers[dense].units": [10, 12]}
    study = world.begin(space=space, max_trials=2, sampler="GridSampler", try_defaults=False)
    world.finish(study)
    assert sorted(world.states(study)) == ["complete", "pruned"]
    (wrong,) = world.trials(study, "pruned")
    assert "10" in wrong.reason.text()
    assert (wrong.run_id, wrong.params) == ("", {"model.layers[dense].units": 12})


def test_a_trial_beyond_a_constraint_that_is_known_before_is_not_started(world):
    space = {"training.batch_size": [16, 32]}
    study = world.begin(space=space, max_trials=2, constraints={"parameters": 600})
    world.finish(study)
    assert world.states(study) == ["pruned", "pruned"]
    reason = world.trials(study)[0].reason.text()
    assert reason == "parameters would be 650, beyond the constraint of 600."
    assert world.study(study).best is None


def test_a_trial_beyond_a_constraint_that_is_measured_is_not_the_best(store):
    world = World(store, near_a_tenth)
    study = world.begin(max_trials=3, constraints={"val_loss": 0.3})
    world.finish(study)
    for trial in world.trials(study):
        assert trial.violation == pytest.approx(max(0.0, (1 - trial.value) - 0.3) / 0.3)
    best = world.study(study).best
    assert all(
        trial.number == best or not trial.counts or trial.value <= 0.9 for trial in world.trials(study)
    )
    told = in_optuna(world, study)[0].system_attrs
    assert told["constraints:val_loss"] > 0


def test_optuna_names_constraints_as_we_write_them():
    study = optuna.create_study()
    trial = study.ask()
    trial.set_constraint("val_loss", 0.5)
    assert study.get_trials()[0].system_attrs == {"constraints:val_loss": 0.5}


def test_a_trial_that_does_not_fit_the_memory_is_not_started(store):
    world = World(store, memory_mb=100)
    study = world.begin(max_trials=1)
    assert world.states(study) == ["pruned"]
    assert (
        "it would need about 734 MB of memory; 100 MB are available." in world.trials(study)[0].reason.text()
    )


def test_seeds_are_repeated_and_their_mean_counts(store):
    world = World(store, lambda run, epoch: 0.5 + 0.1 * run.spec["seed"])
    study = world.begin(max_trials=1, seeds=3)
    world.finish(study)
    (trial,) = world.trials(study)
    runs = world.store.runs.of_trial(study.id, 0)
    assert [run.spec["seed"] for run in runs] == [0, 1, 2]
    assert trial.value == pytest.approx(0.6)
    assert trial.epoch == 9


def test_the_wilcoxon_pruner_compares_seed_by_seed(store):
    world = World(store, lambda run, epoch: (0.9 if run.trial == 0 else 0.1) + 0.001 * run.spec["seed"])
    pruner = {"kind": "WilcoxonPruner", "p_threshold": 0.3}
    study = world.begin(max_trials=2, seeds=5, pruner=pruner)
    world.finish(study)
    assert world.states(study) == ["complete", "pruned"]
    assert len(world.store.runs.of_trial(study.id, 1)) < 5


def test_a_failed_trial_is_recorded_and_the_search_goes_on(store):
    def value(run, epoch):
        if run.trial == 1:
            raise Fails("it was not meant to be.")
        return 0.5

    world = World(store, value)
    study = world.begin(max_trials=3)
    world.finish(study)
    assert world.states(study) == ["complete", "fail", "complete"]
    assert world.trials(study)[1].reason.text() == "it was not meant to be."


def test_ten_failures_of_the_same_kind_pause_the_study(store):
    def value(run, epoch):
        raise Fails("the data is gone.")

    world = World(store, value)
    study = world.begin(max_trials=15)
    paused = world.finish(study)
    assert (paused.state, paused.finished) == (StudyState.PAUSED, 10)
    assert paused.reason.text().startswith("10 trials in a row failed for the same reason: the data is gone.")
    world.value = lambda run, epoch: 0.5
    requests.resume(world.store, study.id, actor=Actor("ada"))
    assert world.finish(study).state is StudyState.COMPLETED


def test_a_run_whose_process_was_killed_too_often_is_started_once_more(world):
    study = world.begin(max_trials=1)
    for _ in range(2):
        (run,) = world.queued()
        assert world.store.runs.move(
            run, RunState.FAILED, reason=Message(LOST_TOO_OFTEN, params={"count": 3, "why": ""})
        )
        world.tick()
        assert world.trials(study)[0].retries == 1
    assert world.states(study) == ["fail"]


def test_a_study_pauses_goes_on_and_stops_when_it_is_asked_to(world):
    study = world.begin(max_trials=4)
    requests.pause(world.store, study.id, actor=Actor("ada"))
    paused = world.finish(study)
    assert (paused.state, paused.finished) == (StudyState.PAUSED, 1)
    requests.resume(world.store, study.id, actor=Actor("ada"))
    world.tick()
    (run,) = world.queued()
    world.train(run, epochs=1)
    requests.stop(world.store, study.id, actor=Actor("ada"))
    world.tick()
    assert world.study(study).state is StudyState.STOPPED
    world.train(world.store.runs.get(run.id), epochs=1)
    world.tick()
    assert world.states(study) == ["complete", "running"]
    requests.resume(world.store, study.id, actor=Actor("ada"))
    ended = world.finish(study)
    assert (ended.state, world.states(study)) == (StudyState.COMPLETED, ["complete"] * 4)


def test_a_study_that_is_renamed_and_resumed_keeps_its_trials_and_its_name(world):
    study = world.begin(max_trials=3)
    requests.pause(world.store, study.id, actor=Actor("ada"))
    world.finish(study)
    annotate(world.store, study.id, AnnotationEdit(name="widths"), actor=Actor("ada"))
    world.restart()
    requests.resume(world.store, study.id, actor=Actor("ada"))
    ended = world.finish(study)
    assert (ended.name, ended.state, ended.finished) == ("widths", StudyState.COMPLETED, 3)
    assert [trial.number for trial in in_optuna(world, study)] == [0, 1, 2]
    names = [world.store.runs.get(trial.run_id).name for trial in world.trials(study)]
    assert names == ["widths · 0", "widths · 1", "widths · 2"]
    assert len(open_storage(world.store.settings).get_all_studies()) == 1


def test_trials_are_added_pruned_retried_and_marked_by_hand(store):
    def value(run, epoch):
        if rate(run) == 0.5:
            raise Fails("too bold.")
        return near_a_tenth(run, epoch)

    world = World(store, value)
    study = world.begin(max_trials=2, parallel=1)
    requests.add_trial(store, study.id, {"training.optimizer.learning_rate": 0.5}, actor=Actor("ada"))
    world.tick()
    world.finish(study)
    assert [trial.origin.value for trial in world.trials(study)] == ["defaults", "manual"]
    (wrong,) = world.trials(study, "fail")
    assert wrong.params == {"training.optimizer.learning_rate": 0.5}
    requests.retry(store, study.id, actor=Actor("ada"))
    world.finish(study)
    retried = world.trials(study)[-1]
    assert (retried.origin, retried.params) == (Origin.RETRY, wrong.params)
    best = world.study(study).best
    requests.mark(store, study.id, best, bad=True, actor=Actor("ada"))
    world.tick()
    assert world.study(study).best != best
    with pytest.raises(SpecError, match="expected a value within its range"):
        requests.add_trial(store, study.id, {"training.optimizer.learning_rate": 2.0}, actor=Actor("ada"))


def test_a_running_trial_is_given_up_by_hand(world):
    study = world.begin(max_trials=1)
    (run,) = world.queued()
    world.train(run, epochs=1)
    requests.prune(world.store, study.id, 0, actor=Actor("ada"))
    world.tick()
    world.train(world.store.runs.get(run.id), epochs=1)
    world.tick()
    (trial,) = world.trials(study)
    assert (trial.state.value, trial.reason.text()) == ("pruned", "it was pruned by hand.")


def test_only_the_owner_steers_a_study(world):
    study = world.begin(max_trials=1)
    for ask in (requests.pause, requests.stop, requests.delete):
        with pytest.raises(NotFoundError):
            ask(world.store, study.id, actor=Actor("eve"))


def test_a_search_ends_when_its_target_is_reached(store):
    world = World(store, lambda run, epoch: 0.2 * run.trial)
    ended = world.finish(world.begin(max_trials=50, target=0.6))
    assert (ended.state, ended.finished, ended.best_value) == (StudyState.COMPLETED, 4, pytest.approx(0.6))


def test_a_grid_ends_when_everything_has_been_tried(world):
    space = {"training.batch_size": [16, 32, 64], "training.optimizer": ["Adam", "SGD"]}
    study = world.begin(space=space, max_trials=50, sampler="GridSampler", try_defaults=False)
    ended = world.finish(study)
    assert ended.reason.text() == "everything in its space has been tried."
    tried = {tuple(sorted(trial.params.items())) for trial in world.trials(study)}
    assert (len(tried), ended.finished) == (6, 6)


def test_several_metrics_make_a_pareto_front(store):
    world = World(store, lambda run, epoch: 0.5 + run.spec["training"]["batch_size"] / 1000)
    space = {"training.batch_size": {"low": 1, "high": 100}}
    study = world.begin(
        space=space, max_trials=12, metrics=["val_accuracy", "memory_mb"], sampler="NSGAIISampler"
    )
    ended = world.finish(study)
    assert (ended.state, ended.best, ended.directions) == (
        StudyState.COMPLETED,
        None,
        ("maximize", "minimize"),
    )
    assert all(len(trial.values) == 2 for trial in world.trials(study))


def test_the_best_is_trained_longer_and_searched_around(world):
    study = world.begin(max_trials=6)
    ended = world.finish(study)
    best = world.store.studies.trial(study.id, ended.best)
    run = further.train_longer(world.store, ended, best, epochs=5, actor=Actor("ada"))
    assert (run.id, run.epochs, run.state) == (best.run_id, 5, RunState.QUEUED)
    narrower = further.narrow_search(world.store, ended, world.trials(study))
    (dimension,) = narrower.space.values()
    value = best.params["training.optimizer.learning_rate"]
    assert 1e-4 <= dimension.low < value < dimension.high <= 1.0
    assert math.log(dimension.high / dimension.low) <= math.log(1e4) / 4 + 1e-3
    assert narrower.search.first == (best.params,)
    spec = requests.experiment_of(world.store, ended, best)
    assert spec.training.optimizer.learning_rate == value


def test_a_deleted_study_leaves_nothing_behind(world):
    study = world.begin(max_trials=2)
    with pytest.raises(StateError, match="the study is running"):
        requests.delete(world.store, study.id, actor=Actor("ada"))
    world.finish(study)
    requests.delete(world.store, study.id, actor=Actor("ada"))
    world.tick()
    assert world.store.runs.count(study=study.id) == 0
    names = [one.study_name for one in open_storage(world.store.settings).get_all_studies()]
    assert names == []
