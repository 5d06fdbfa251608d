"""What a trial is judged by: units, and how far it is beyond its limits."""

import pytest

from dlcore.design.estimate import FRAMEWORK_BYTES
from dlcore.errors import SpecError
from dlcore.search.measures import check_measured, initial_measures, violation, violations
from dlcore.spec import ExperimentSpec, infer
from dlcore.spec.data import Task

SPEC = ExperimentSpec.from_dict(
    {"model": {"layers": ["Flatten", {"kind": "Dense"}]}, "training": {"batch_size": 16}}
)
REPORT = infer(SPEC.model, (8, 8, 1), 10)
"""650 parameters; 138 values are kept for each sample."""


def test_sizes_are_in_megabytes_of_a_million_bytes():
    found = initial_measures(SPEC, REPORT, samples=1000)

    assert found["parameters"] == 650
    assert found["model_mb"] == pytest.approx(650 * 4 / 1_000_000)
    # Weights, gradients and two slots of Adam; activations and their gradients for each of 16 samples.
    assert found["memory_mb"] == pytest.approx((FRAMEWORK_BYTES + 4 * (650 * 4 + 2 * 138 * 16)) / 1_000_000)


def test_a_limit_is_the_most_of_what_should_be_small_and_the_least_of_what_should_be_large():
    limits = {"parameters": 100.0, "val_accuracy": 0.8}

    assert violations(limits, {"parameters": 150.0, "val_accuracy": 0.6}) == pytest.approx([0.5, 0.25])
    assert violations(limits, {"parameters": 50.0, "val_accuracy": 0.9}) == pytest.approx([-0.5, -0.125])
    assert violations(limits, {}) == [0, 0]
    assert violations({"parameters": 0.0}, {"parameters": 3.0}) == [3.0]


def test_a_trial_is_beyond_its_limits_by_the_sum_of_what_it_breaks_and_not_less_for_what_it_keeps():
    limits = {"parameters": 100.0, "val_accuracy": 0.8, "seconds": 10.0}

    assert violation(limits, {"parameters": 150.0, "val_accuracy": 0.6, "seconds": 1.0}) == pytest.approx(
        0.75
    )
    assert violation(limits, {"parameters": 50.0, "val_accuracy": 0.9}) == 0
    assert violation({}, {"parameters": 50.0}) == 0


@pytest.mark.parametrize(
    ("name", "has_validation", "says"),
    [
        ("val_accuracy", False, "expected a validation part"),
        ("val_precision", True, "val_precision is not measured. Add precision"),
        ("accurracy", True, "Nearest: accuracy"),
    ],
)
def test_what_is_not_measured_cannot_be_optimised(name, has_validation, says):
    with pytest.raises(SpecError, match=says):
        check_measured(name, SPEC, Task.MULTICLASS, has_validation=has_validation, where="search")


@pytest.mark.parametrize(
    ("name", "has_validation"),
    [("val_accuracy", True), ("val_loss", True), ("loss", False), ("accuracy", False), ("seconds", False)],
)
def test_what_is_measured_can_be_optimised(name, has_validation):
    check_measured(name, SPEC, Task.MULTICLASS, has_validation=has_validation, where="search")
