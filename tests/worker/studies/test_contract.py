"""What every sampler and every pruner must be able to do."""

import importlib.util
import inspect

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from dlcore.errors import SpecError
from dlcore.records import StudyState
from dlcore.search.pruners import PRUNERS
from dlcore.search.samplers import SAMPLERS, GridSampler, SamplerTask
from dlcore.spec.describe import describe
from dlcore.worker.studies.optuna_storage import open_storage, optuna_name
from tests.search.runs import World

NOT_OFFERED = {
    "TPESampler": {
        # Deprecated since Optuna 4.9, or a function, which no spec can hold.
        "consider_prior", "prior_weight", "consider_magic_clip", "consider_endpoints", "gamma", "weights",
        "warn_independent_sampling", "constraints_func",
    },
    "GPSampler": {"independent_sampler", "constraints_func", "warn_independent_sampling"},
    "CmaEsSampler": {
        # Deprecated since Optuna 4.9, or other trials, which no spec can hold.
        "sigma0", "x0", "independent_sampler", "warn_independent_sampling", "restart_strategy", "inc_popsize",
        "source_trials",
    },
    "NSGAIISampler": {
        "mutation", "crossover", "constraints_func", "elite_population_selection_strategy",
        "child_generation_strategy", "after_trial_strategy",
    },
    "NSGAIIISampler": {
        "mutation", "crossover", "constraints_func", "elite_population_selection_strategy",
        "child_generation_strategy", "after_trial_strategy", "reference_points",
    },
    "QMCSampler": {"independent_sampler", "warn_asynchronous_seeding", "warn_independent_sampling"},
    "GridSampler": {"search_space"},
}  # fmt: skip

SPACE = {
    "training.batch_size": {"low": 16, "high": 64, "step": 16},
    "training.optimizer": ["Adam", "SGD"],
    "training.optimizer.momentum": {"low": 0, "high": 0.9, "step": 0.3},
}
PLAIN = {path: SPACE[path] for path in ("training.batch_size", "training.optimizer")}
SPACES = {"GridSampler": PLAIN}

samplers = pytest.mark.parametrize("cls", list(SAMPLERS), ids=lambda cls: cls.__name__)
pruners = pytest.mark.parametrize("cls", list(PRUNERS), ids=lambda cls: cls.__name__)


def needed(cls):
    missing = [name for name in cls.packages if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{cls.__name__} needs {' and '.join(missing)}, which is not installed")


def value(run, epoch):
    training = run.spec["training"]
    momentum = training["optimizer"].get("momentum", 0.5)
    return 0.9 - training["batch_size"] / 200 - abs(momentum - 0.6) / 3 - 0.1 / epoch


@samplers
def test_a_sampler_has_optunas_arguments(cls):
    if cls.__name__ == "AutoSampler":
        pytest.skip("AutoSampler is downloaded from OptunaHub")
    known = set(inspect.signature(getattr(optuna.samplers, cls.__name__)).parameters) - {"seed"}
    assert {field.name for field in describe(cls)} - cls.not_arguments == known - NOT_OFFERED.get(
        cls.__name__, set()
    )


@pruners
def test_a_pruner_has_optunas_arguments(cls):
    known = set(inspect.signature(getattr(optuna.pruners, cls.__name__)).parameters)
    assert {field.name for field in describe(cls)} == known


@samplers
def test_a_sampler_does_a_small_study_and_the_same_again(store, cls):
    needed(cls)
    world = World(store, value)
    found = []
    for _ in range(2):
        space = SPACES.get(cls.__name__, SPACE)
        study = world.begin(epochs=1, space=space, max_trials=14, sampler=cls.__name__, seed=7)
        assert world.finish(study).state is StudyState.COMPLETED
        found.append([(trial.params, trial.value) for trial in world.trials(study)])
    assert found[0] == found[1]
    assert len(found[0]) >= 8
    assert len({str(params) for params, _ in found[0]}) > 3


@samplers
def test_a_sampler_does_several_metrics_or_says_that_it_cannot(store, cls):
    needed(cls)
    world, metrics = World(store, value), ["val_accuracy", "memory_mb"]
    options = {"epochs": 1, "space": PLAIN, "max_trials": 8, "sampler": cls.__name__, "metrics": metrics}
    if cls.many_objectives:
        study = world.begin(**options, constraints={"val_loss": 0.5})
        assert world.finish(study).state is StudyState.COMPLETED
    else:
        with pytest.raises(SpecError, match=rf"search.sampler: {cls.__name__} optimizes one metric"):
            world.begin(**options)


@pruners
def test_a_pruner_does_a_small_study_and_the_same_again(store, cls):
    world = World(store, lambda run, epoch: value(run, epoch) if run.trial % 3 else 0.01)
    seeds = 4 if cls.per_seed else 1
    given = {"kind": cls.__name__, **({"lower": 0.2} if cls.__name__ == "ThresholdPruner" else {})}
    if cls.__name__ == "PatientPruner":
        given |= {"patience": 1, "wrapped_pruner": {"kind": "MedianPruner", "n_startup_trials": 1}}
    if cls.per_seed:
        given |= {"p_threshold": 0.3}
    found = []
    for _ in range(2):
        study = world.begin(epochs=6, space=SPACE, max_trials=12, pruner=given, seeds=seeds)
        assert world.finish(study).state is StudyState.COMPLETED
        found.append(
            [(trial.state, trial.params, trial.values, trial.epoch) for trial in world.trials(study)]
        )
    assert found[0] == found[1]
    gave_up = any(trial.state.value == "pruned" for trial in world.trials(study))
    assert gave_up == (cls.__name__ not in ("NopPruner", "PatientPruner"))


@pruners
def test_a_pruner_goes_with_a_sampler_that_has_a_last_trial(store, cls):
    world = World(store, value)
    study = world.begin(
        space=PLAIN,
        max_trials=30,
        sampler="BruteForceSampler",
        pruner={"kind": cls.__name__},
        seeds=2,
        try_defaults=False,
    )
    ended = world.finish(study)
    assert (ended.state, ended.finished) == (StudyState.COMPLETED, 8)


def test_a_constraint_is_heeded_by_the_sampler(store):
    world = World(store, value)
    shares = {}
    for sampler in ("RandomSampler", "TPESampler"):
        study = world.begin(
            epochs=1,
            space={"training.batch_size": {"low": 1, "high": 400}},
            max_trials=40,
            sampler=sampler,
            constraints={"val_accuracy": 0.68},
        )
        world.finish(study)
        shares[sampler] = sum(trial.violation <= 0 for trial in world.trials(study)[20:]) / 20
    assert shares["TPESampler"] > shares["RandomSampler"] + 0.2


def test_a_grid_spaces_its_values_as_the_range_asks():
    task = SamplerTask(
        0,
        0,
        {
            "a": FloatDistribution(0.001, 1.0, log=True),
            "b": IntDistribution(1, 9),
            "c": FloatDistribution(0.0, 0.5, step=0.25),
            "d": CategoricalDistribution(("x", "y")),
            "e": IntDistribution(8, 24, step=8),
        },
    )
    grid = GridSampler(points=4)
    found = {path: grid._values(of) for path, of in task.distributions.items()}
    assert found["a"] == pytest.approx([0.001, 0.01, 0.1, 1.0])
    assert found["b"] == [1, 4, 6, 9]
    assert (found["c"], found["d"], found["e"]) == ([0.0, 0.25, 0.5], ["x", "y"], [8, 16, 24])


@pytest.mark.parametrize(
    ("sampler", "space", "message"),
    [
        ("BruteForceSampler", {"training.optimizer.learning_rate": {"low": 0.1, "high": 1}}, "has no step"),
        ({"kind": "GridSampler", "points": 1000}, {f"model.layers[dense].{n}": {"low": 0.1, "high": 1} for n in ()}
         | {"training.optimizer.learning_rate": {"low": 0.1, "high": 1}, "training.optimizer.beta_1": {"low": 0, "high": 0.9}},
         "the grid has 1000000 combinations"),
        ({"kind": "TPESampler", "group": True, "multivariate": False}, SPACE, "group needs multivariate"),
        ("GridSampler", SPACE, "would try the same again where training.optimizer.momentum does not exist"),
        ("CmaEsSampler", {"training.optimizer": ["Adam", "SGD"]}, "needs a numeric range"),
        ({"kind": "CmaEsSampler", "with_margin": True, "lr_adapt": True}, SPACE, "only one variant"),
    ],
)  # fmt: skip
def test_a_sampler_that_cannot_do_the_task_says_so_before(store, sampler, space, message):
    with pytest.raises(SpecError, match=message):
        World(store).begin(space=space, sampler=sampler)


def test_cma_es_keeps_learning_where_a_conditional_dimension_is_missing(store):
    world = World(store, value)
    space = {
        "training.optimizer.learning_rate": {"low": 1e-4, "high": 0.1, "log": True},
        "training.optimizer.beta_1": {"low": 0.5, "high": 0.99},
        **SPACE,
    }
    study = world.begin(space=space, max_trials=20, sampler={"kind": "CmaEsSampler", "popsize": 4})
    world.finish(study)
    told = optuna.load_study(
        study_name=optuna_name(storage := open_storage(store.settings), study), storage=storage
    ).get_trials()
    learnt = [trial.number for trial in told if any("cma" in key for key in trial.system_attrs)]
    assert len(learnt) >= 15


def test_a_grid_in_parallel_tries_nothing_twice(store):
    world = World(store, value)
    study = world.begin(space=PLAIN, max_trials=50, sampler="GridSampler", parallel=6, try_defaults=False)
    ended = world.finish(study)
    tried = [tuple(trial.params.items()) for trial in world.trials(study)]
    assert (ended.state, len(tried), len(set(tried))) == (StudyState.COMPLETED, 8, 8)


def test_a_sequence_fills_every_dimension_from_the_first_trial_on(store):
    world = World(store, value)
    space = {f"training.optimizer.{name}": {"low": 0.1, "high": 0.9} for name in ("beta_1", "beta_2")}
    study = world.begin(space=space, max_trials=16, sampler="QMCSampler", try_defaults=False)
    world.finish(study)
    for path in space:
        quarters = [int((trial.params[path] - 0.1) / 0.2) for trial in world.trials(study)]
        assert [quarters.count(quarter) for quarter in range(4)] == [4, 4, 4, 4]
