"""Which values a dimension may give to a field."""

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from dlcore.datasets import CATALOGUE
from dlcore.errors import SpecError
from dlcore.search.dimensions import Range, contains
from dlcore.search.places import normal_path
from dlcore.search.pruners import PRUNERS
from dlcore.search.spec import check_search
from dlcore.spec import ModelSpec
from tests.search.runs import search

FACTS = CATALOGUE.get("digits").facts


@pytest.mark.parametrize(
    ("path", "choices", "says"),
    [
        ("training.epochs", [4, 3.5], "expected a whole number, got 3.5"),
        ("training.epochs", [4, "many"], "expected a whole number, got 'many'"),
        ("training.epochs", [4, True], "expected a whole number, got True"),
        ("training.optimizer.learning_rate", [0.1, "high"], "expected a number, got 'high'"),
        ("training.optimizer.amsgrad", [True, 1], "expected true or false, got 1"),
    ],
)
def test_a_choice_that_its_field_cannot_be_is_refused(path, choices, says):
    with pytest.raises(SpecError, match=says):
        check_search(search(space={path: {"choices": choices}}), FACTS)


@pytest.mark.parametrize(
    ("path", "choices"),
    [
        ("training.epochs", [4, 8.0]),
        ("training.optimizer.learning_rate", [1, 0.1]),
        ("training.optimizer.weight_decay", [None, 0.1]),
        ("training.optimizer.amsgrad", [True, False]),
    ],
)
def test_a_choice_that_its_field_can_be_is_taken(path, choices):
    check_search(search(space={path: {"choices": choices}}), FACTS)


@pytest.mark.parametrize(
    ("given", "high"),
    [
        ((0.0, 1.0, 0.3), 0.9),
        ((0.5, 2.0, 0.5), 2.0),
        ((1.0, 10.0, 4.0), 9.0),
        # Three tenths are a little less than three times a tenth in binary.
        ((0.0, 0.3, 0.1), 0.3),
    ],
)
def test_a_range_with_steps_ends_at_its_last_step(given, high):
    low, end, step = given
    found = Range(low=low, high=end, step=step).distribution(whole=False)

    assert (found.low, found.high, found.step) == (low, high, step)


def test_whole_numbers_end_at_their_last_step_too():
    found = Range(low=1.5, high=10, step=4).distribution(whole=True)

    assert (found.low, found.high, found.step) == (2, 10, 4)


FAR = [float("nan"), float("inf"), -float("inf"), 10**400]
MODEL = ModelSpec(layers=({"kind": "Conv2D", "name": "conv"}, "Flatten", {"kind": "Dense", "name": "head"}))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("training.optimizer.kind", "training.optimizer"),
        ("training.epochs", "training.epochs"),
        ("kind", "kind"),
        ("model.layers[0].filters", "model.layers[conv].filters"),
        ("model.layers[conv:head]", "model.layers[conv:head]"),
        ("model.layers[0:2].kind", "model.layers[conv:head]"),
    ],
)
def test_a_path_names_layers_and_no_kinds(text, path):
    assert str(normal_path(text, MODEL)) == path


def test_a_group_of_layers_has_its_first_layer_first():
    with pytest.raises(SpecError, match="expected the first and the last layer of a group"):
        normal_path("model.layers[head:conv]", MODEL)


@pytest.mark.parametrize(
    ("distribution", "inside", "outside"),
    [
        (IntDistribution(8, 24, step=8), [8, 16, 24, 8.0], [7, 12, 32, 8.5, "8", None, *FAR]),
        (IntDistribution(0, 1), [0, 1], [True, False, 2, -1]),
        (FloatDistribution(0.5, 2.0), [0.5, 1, 2.0], [0.49, 2.01, True, "1", None]),
        (FloatDistribution(0.0, 0.3, step=0.1), [0.0, 0.1, 0.2, 0.3], [0.15, 0.4, *FAR]),
        (CategoricalDistribution((1, "a", None, True)), [1, "a", None, True], [1.0, "b", False, 0]),
    ],
)
def test_a_dimension_can_have_what_lies_on_its_grid_and_is_of_its_type(distribution, inside, outside):
    assert [value for value in inside if not contains(distribution, value)] == []
    assert [value for value in outside if contains(distribution, value)] == []


def test_a_patient_pruner_asks_the_one_that_it_is_given():
    given = {"kind": "PatientPruner", "wrapped_pruner": {"kind": "PercentilePruner", "percentile": 30.0}}
    assert PRUNERS.parse(given).wrapped_pruner == PRUNERS.parse(given["wrapped_pruner"])
    assert PRUNERS.parse("PatientPruner").wrapped_pruner is None
