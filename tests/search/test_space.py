"""Spaces: which experiments a trial can be, and which dimensions it has."""

import optuna
import pytest

from dlcore.datasets import CATALOGUE
from dlcore.errors import SpecError
from dlcore.search.dimensions import parse_dimension
from dlcore.search.offers import default_dimension, offers
from dlcore.search.space import Space, suggester
from dlcore.spec import ExperimentSpec

FACTS = CATALOGUE.get("digits").facts
BASE = ExperimentSpec.from_dict(
    {
        "dataset": {"name": "digits"},
        "model": {
            "layers": [
                {"kind": "Conv2D", "filters": 8},
                "Flatten",
                {"kind": "Dropout", "rate": 0.2},
                {"kind": "Dense", "units": 16, "activation": "relu"},
                {"kind": "Dense", "units": 10, "activation": "softmax"},
            ]
        },
    }
)


def space(**dimensions):
    return Space(BASE, {path: parse_dimension(data) for path, data in dimensions.items()}, FACTS)


def of(dimensions):
    return space(**dimensions)


def chosen(space, **params):
    return space.experiment(params)


def test_a_range_of_a_whole_field_gives_whole_numbers():
    found = of({"model.layers[0].filters": {"low": 8, "high": 30, "step": 8}})
    (asked,) = found.asked
    assert str(asked.path) == "model.layers[conv2d].filters"
    assert repr(asked.distribution) == "IntDistribution(high=24, log=False, low=8, step=8)"
    spec = found.experiment({"model.layers[conv2d].filters": 16})
    assert spec.model.layers[0].filters == 16


def test_a_logarithmic_range_goes_to_optuna_as_one():
    (asked,) = of({"training.optimizer.learning_rate": {"low": 1e-4, "high": 0.1, "log": True}}).asked
    assert repr(asked.distribution) == "FloatDistribution(high=0.1, log=True, low=0.0001, step=None)"


def test_a_list_is_a_set_of_choices():
    found = of({"training.batch_size": [32, 64]})
    assert found.experiment({"training.batch_size": 64}).training.batch_size == 64


def test_the_momentum_is_asked_for_only_with_an_optimizer_that_has_one():
    found = of(
        {
            "training.optimizer.momentum": {"low": 0, "high": 0.9},
            "training.optimizer.kind": ["Adam", "SGD"],
        }
    )
    asked = []

    def take(optimizer):
        def suggest(path, distribution):
            asked.append(path)
            return optimizer if path == "training.optimizer" else 0.5

        return suggest

    params, _ = found.propose(take("Adam"))
    assert (params, asked) == ({"training.optimizer": "Adam"}, ["training.optimizer"])
    params, data = found.propose(take("SGD"))
    assert params == {"training.optimizer": "SGD", "training.optimizer.momentum": 0.5}
    optimizer = found.checked(data).training.optimizer
    assert (optimizer.kind, optimizer.momentum, optimizer.learning_rate) == ("SGD", 0.5, 0.01)


def test_a_kind_can_be_chosen_with_its_arguments():
    found = of({"training.optimizer": ["Adam", {"kind": "SGD", "momentum": 0.9}]})
    optimizer = found.experiment({"training.optimizer": "SGD(momentum=0.9)"}).training.optimizer
    assert (optimizer.kind, optimizer.momentum) == ("SGD", 0.9)


def test_a_layer_can_be_absent_and_then_its_fields_are_not_asked_for():
    found = of(
        {
            "model.layers[dropout]": {"kind": "Presence"},
            "model.layers[dropout].rate": {"low": 0, "high": 0.5},
        }
    )
    params, data = found.propose(lambda path, distribution: False)
    assert params == {"model.layers[dropout]": False}
    kinds = [layer.kind for layer in found.checked(data).model.layers]
    assert kinds == ["Conv2D", "Flatten", "Dense", "Dense"]
    spec = found.experiment({"model.layers[dropout]": True, "model.layers[dropout].rate": 0.4})
    assert spec.model.layers[2].rate == 0.4


def test_a_block_of_layers_can_be_repeated():
    found = of(
        {
            "model.layers[dropout:dense]": {"kind": "Repeat", "low": 0, "high": 2},
            "model.layers[dense].units": [12, 24],
        }
    )
    names = {}
    for times in (0, 1, 2):
        params = {"model.layers[dropout:dense]": times}
        if times:
            params["model.layers[dense].units"] = 12
        spec = found.experiment(params)
        names[times] = [layer.name for layer in spec.model.layers]
    assert names[0] == ["conv2d", "flatten", "dense_1"]
    assert names[1] == ["conv2d", "flatten", "dropout", "dense", "dense_1"]
    assert names[2] == ["conv2d", "flatten", "dropout", "dense", "dropout_2", "dense_2", "dense_1"]
    assert [layer.units for layer in spec.model.layers if layer.kind == "Dense"] == [12, 12, 10]


def test_a_residual_block_is_repeated_with_its_shortcut():
    base = BASE.with_values(
        {
            "model.layers": [
                {"kind": "Conv2D", "filters": 4, "name": "first"},
                {"kind": "Conv2D", "filters": 4, "padding": "same", "name": "inner"},
                {"kind": "Add", "name": "add", "inputs": ["first", "inner"]},
                {"kind": "Flatten", "name": "flatten", "inputs": ["add"]},
                {"kind": "Dense", "units": 10, "activation": "softmax", "name": "head"},
            ]
        }
    )
    dimensions = {"model.layers[inner:add]": parse_dimension({"kind": "Repeat", "low": 0, "high": 3})}
    found = Space(base, dimensions, FACTS)
    layers = found.experiment({"model.layers[inner:add]": 2}).model.layers
    assert [(layer.name, layer.inputs) for layer in layers] == [
        ("first", ()),
        ("inner", ()),
        ("add", ("first", "inner")),
        ("inner_2", ()),
        ("add_2", ("add", "inner_2")),
        ("flatten", ("add_2",)),
        ("head", ()),
    ]
    layers = found.experiment({"model.layers[inner:add]": 0}).model.layers
    assert [(layer.name, layer.inputs) for layer in layers][1] == ("flatten", ("first",))


def test_the_kind_of_a_layer_can_be_searched():
    found = of({"model.layers[dropout].kind": ["Dropout", {"kind": "GaussianNoise", "stddev": 0.3}]})
    assert found.defaults() == {"model.layers[dropout]": "Dropout"}
    layer = found.experiment({"model.layers[dropout]": "GaussianNoise(stddev=0.3)"}).model.layers[2]
    assert (layer.kind, layer.name, layer.stddev) == ("GaussianNoise", "dropout", 0.3)
    assert found.experiment({"model.layers[dropout]": "Dropout"}).model == BASE.model


def test_a_template_can_be_searched_and_its_own_layers_are_asked_for():
    found = of({"model": ["as drafted", "mlp"], "model.layers[conv2d].filters": [4, 8]})
    params, data = found.propose(lambda path, distribution: "mlp")
    assert params == {"model": "mlp"}
    assert all(layer.kind != "Conv2D" for layer in found.checked(data).model.layers)
    spec = found.experiment({"model": "as drafted", "model.layers[conv2d].filters": 4})
    assert spec.model.layers[0].filters == 4


def test_the_defaults_are_the_bases_own_values_where_they_lie_in_the_space():
    found = of(
        {
            "model.layers[0].filters": {"low": 8, "high": 64},
            "training.batch_size": [64, 128],
            "training.optimizer": ["SGD", "Adam"],
            "model.layers[dropout]": {"kind": "Presence"},
            "model.layers[0].kernel_size": [3, 5],
        }
    )
    assert found.defaults() == {
        "training.optimizer": "Adam",
        "model.layers[conv2d].filters": 8,
        "model.layers[dropout]": True,
        "model.layers[conv2d].kernel_size": 3,
    }


@pytest.mark.parametrize(
    ("path", "data", "message"),
    [
        ("training.optimiser", [1], "space.training.optimiser: there is no field 'optimiser'"),
        ("model.layers[9].filters", [1], r"space.model.layers\[9\].filters: there is no layer '9'"),
        ("model.layers[dense].unit", [1], "there is no field 'unit'"),
        ("training.optimizer.momentum", [0.1], "there is no field 'momentum'"),
        ("training.optimizer", ["Adma"], "there is no optimizer 'Adma'"),
        ("training.deterministic", {"low": 0, "high": 1}, "deterministic is not a number"),
        ("model.layers[dropout].rate", {"low": 0, "high": 1}, "goes beyond what rate can be: 0 ≤ … < 1"),
        ("model.layers[dense]", {"low": 0, "high": 1}, "a layer is no number"),
        ("training.epochs", {"kind": "Repeat"}, "only layers can be absent or repeated"),
    ],
)
def test_a_dimension_that_fits_nowhere_is_an_error_that_names_it(path, data, message):
    with pytest.raises(SpecError, match=message):
        of({path: data})


def test_a_space_with_models_that_cannot_be_says_so_with_an_example():
    found = of({"model.layers[0].kernel_size": [3, 5, 9]})
    invalid = found.invalid()
    assert invalid.params == {"model.layers[conv2d].kernel_size": 9}
    assert "the window of 9 is larger than its input of 8" in str(invalid.error)
    assert 0 < invalid.share < 1
    assert of({"model.layers[0].kernel_size": [3, 5]}).invalid() is None


def test_optunas_trial_is_asked_with_the_same_distributions():
    found = of(
        {
            "training.optimizer.learning_rate": {"low": 1e-4, "high": 0.1, "log": True},
            "training.batch_size": [32, 64],
            "training.epochs": {"low": 1, "high": 9, "step": 2},
        }
    )
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1)).ask()
    params, data = found.propose(suggester(trial))
    assert trial.params == params
    assert trial.distributions == found.distributions
    assert found.checked(data).training.epochs in (1, 3, 5, 7, 9)


def test_every_trial_that_optuna_asks_for_may_be_trained_against_attacks():
    base = BASE.with_values({"training.adversarial": {}})
    known = offers(base, {}, FACTS)
    paths = [f"training.adversarial.{name}" for name in ("attack", "strength", "share")]
    found = Space(base, {path: default_dimension(known[path], FACTS) for path in paths}, FACTS)
    assert found.invalid() is None
    trained = [one.training.adversarial for one in found.examples(40)]
    assert {one.attack for one in trained} == {"fgsm", "pgd"} and len(trained) == 40
    assert all(2 <= one.strength <= 32 and 0.25 <= one.share <= 1 for one in trained)
    assert len({one.strength for one in trained}) == 40


def test_the_fields_of_what_is_switched_off_are_refused_with_the_reason():
    with pytest.raises(
        SpecError, match=r"training\.adversarial is empty in the experiment.*Fill it in first"
    ):
        of({"training.adversarial.strength": {"low": 2, "high": 32}})


def test_parameters_outside_the_space_are_refused():
    found = of({"training.batch_size": [32, 64]})
    with pytest.raises(SpecError, match="batch_size: expected a value within its range"):
        found.experiment({"training.batch_size": 65})


@pytest.mark.parametrize("path", ["model.layers.0.filters", "model.layers.conv2d.filters"])
def test_a_layer_is_found_however_its_path_is_written(path):
    found = of({path: [8, 16], "model.layers[conv2d]": {"kind": "Presence"}})

    assert set(found.distributions) == {"model.layers[conv2d].filters", "model.layers[conv2d]"}
    assert found.conditional == {"model.layers[conv2d].filters"}


@pytest.mark.parametrize(
    "path", ["augmentation.0.factor", "augmentation[0].factor", "augmentation..0.factor"]
)
def test_a_problem_names_the_path_as_it_was_written(path):
    with pytest.raises(SpecError) as caught:
        of({path: [0.1]})

    assert caught.value.message.where == f"space.{path}"
