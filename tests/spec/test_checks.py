"""What can be said of an experiment before it meets its data."""

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.errors import SpecError
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import check, training_problem

DIGITS = CATALOGUE.get("digits").facts
MODEL = {"layers": ["Flatten", "Dense"]}


def spec(**training):
    fraction = training.pop("validation_fraction", 0.1)
    data = {"model": MODEL, "training": training, "dataset": {"validation_fraction": fraction}}
    return ExperimentSpec.from_dict(data)


def test_a_plain_experiment_has_no_problem():
    check(spec(), DIGITS)
    assert training_problem(spec(early_stopping={}), DIGITS) is None


def test_the_models_problem_comes_first():
    with pytest.raises(SpecError, match=r"model\.layers\[1\]\.units"):
        check(
            ExperimentSpec.from_dict({"model": {"layers": ["Flatten", {"kind": "Dense", "units": 3}]}}),
            DIGITS,
        )


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"loss": "KLDivergence"}, "training.loss"),
        ({"early_stopping": {}, "validation_fraction": 0.0}, "training.early_stopping.monitor"),
        ({"early_stopping": {"monitor": "top_5_accuracy"}}, "training.early_stopping.monitor"),
        ({"class_weight": {"kind": "PerClass", "weights": {"zebra": 2}}}, "training.class_weight.weights"),
        ({"schedule": "ReduceLROnPlateau", "validation_fraction": 0.0}, "training.schedule.monitor"),
    ],
)
def test_a_problem_of_the_training_names_its_field(changes, path):
    problem = training_problem(spec(**changes), DIGITS)
    assert str(problem.path) == path
    with pytest.raises(SpecError):
        check(spec(**changes), DIGITS)


def test_an_error_is_seen_from_the_part_it_lies_in():
    error = SpecError("no.", where="training.schedule.monitor")
    assert str(error.inside("training").path) == "schedule.monitor"
    assert error.inside("train") is None
    assert str(error.inside("training.schedule.monitor").path) == ""
