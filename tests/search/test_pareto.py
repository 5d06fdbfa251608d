"""Several metrics and a constraint: the front, held against brute force."""

import math
from itertools import product

import optuna
import pytest

from dlcore.plots.studies import goal_of, pareto_info
from dlcore.worker.studies.optuna_storage import open_storage, optuna_name
from tests.search.runs import World, rate

BATCHES, RATES = (8, 16, 32, 64), (0.1, 0.01, 0.001, 0.0001)
SPACE = {"training.batch_size": list(BATCHES), "training.optimizer.learning_rate": list(RATES)}
LEAST = 0.6


def accuracy(batch, learning_rate):
    return 0.5 + batch / 200 - abs(math.log10(learning_rate) + 2) / 10


def brute_force():
    """The points of the whole space that keep the constraint and that none of those beats.

    More samples a batch need more memory, so the batch size stands for it.
    """
    points = [(batch, rate_, accuracy(batch, rate_)) for batch, rate_ in product(BATCHES, RATES)]
    feasible = [point for point in points if point[2] >= LEAST]

    def beats(one, other):
        as_good = one[2] >= other[2] and one[0] <= other[0]
        return as_good and (one[2] > other[2] or one[0] < other[0])

    return {point[:2] for point in feasible if not any(beats(other, point) for other in feasible)}


def test_the_brute_force_is_right_about_an_example():
    assert brute_force() == {(32, 0.01), (64, 0.01)}


@pytest.mark.parametrize(("sampler", "trials"), [("GridSampler", 16), ("NSGAIISampler", 90)])
def test_the_front_of_a_study_is_that_of_brute_force(store, sampler, trials):
    world = World(store, lambda run, epoch: accuracy(run.spec["training"]["batch_size"], rate(run)))
    study = world.begin(
        epochs=1,
        space=SPACE,
        metrics=["val_accuracy", "memory_mb"],
        constraints={"val_accuracy": LEAST},
        sampler=sampler,
        max_trials=trials,
        try_defaults=False,
    )
    ended = world.finish(study)
    found = {trial.number: trial for trial in world.trials(study)}
    front = pareto_info(list(found.values()), [goal_of(ended, 0), goal_of(ended, 1)]).front

    def point(number):
        params = found[number].params
        return params["training.batch_size"], params["training.optimizer.learning_rate"]

    assert {point(number) for number in front.numbers} == brute_force()
    told = optuna.load_study(
        study_name=optuna_name(storage := open_storage(store.settings), study), storage=storage
    )
    assert {point(trial.number) for trial in told.best_trials} == brute_force()
