"""Which runs can be trained against attacks, and how strong those are if nothing is said."""

from dataclasses import replace

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.errors import SpecError
from dlcore.spec.adversarial import AdversarialTraining, check_adversarial, counts_levels
from dlcore.spec.checks import training_problem
from dlcore.spec.data import DataKind, Task
from dlcore.spec.experiment import ExperimentSpec

DIGITS = CATALOGUE.get("digits").facts


def spec(**adversarial):
    return ExperimentSpec.from_dict(
        {
            "dataset": {"name": "digits"},
            "model": {"layers": ["Flatten", "Dense"]},
            "training": {"adversarial": adversarial},
        }
    )


def test_it_is_off_unless_it_is_asked_for():
    plain = ExperimentSpec.from_dict(
        {"dataset": {"name": "digits"}, "model": {"layers": ["Flatten", "Dense"]}}
    )
    assert plain.training.adversarial is None


def test_an_empty_strength_is_eight_levels_of_pictures_and_a_tenth_of_a_deviation_else():
    wanted = spec().training.adversarial
    assert (wanted.attack, wanted.share, wanted.steps, wanted.stride) == ("fgsm", 0.5, 1, 1.0)
    assert (wanted.reach(of_picture=True), wanted.reach(of_picture=False)) == (8.0, 0.1)
    assert spec(attack="pgd", strength=4).training.adversarial.reach(of_picture=True) == 4.0
    assert spec(attack="pgd").training.adversarial.stride == pytest.approx(2.5 / 7)


def test_pictures_count_levels_and_spectrograms_deviations():
    assert counts_levels(DataKind.IMAGE, (8, 8, 1)) and counts_levels(DataKind.ARRAY, (8, 8, 1))
    assert counts_levels(DataKind.IMAGE, ())
    assert not counts_levels(DataKind.AUDIO, (98, 64, 1)) and not counts_levels(DataKind.ARRAY, (20,))


@pytest.mark.parametrize(
    "values", [{"strength": 0}, {"strength": 256}, {"share": 0}, {"share": 1.1}, {"attack": "cw"}]
)
def test_what_is_out_of_range_is_refused(values):
    with pytest.raises(SpecError, match=r"training\.adversarial"):
        spec(**values)


def test_a_run_on_pictures_has_no_problem():
    assert training_problem(spec(attack="pgd", strength=32), DIGITS) is None


@pytest.mark.parametrize(
    ("changed", "shape", "further", "words"),
    [
        ({"kind": DataKind.TABLE}, (8,), False, "only pictures, recordings, series and arrays"),
        ({"kind": DataKind.TEXT}, (8,), False, "only pictures, recordings, series and arrays"),
        ({"task": Task.RECONSTRUCTION}, (8, 8, 1), False, "no reconstructions"),
        ({}, (8, 8, 1), True, "further outputs"),
        ({"kind": DataKind.SERIES}, (6, 3), False, "at most 10 .standard deviations., got 12"),
    ],
)
def test_what_cannot_be_attacked_is_said(changed, shape, further, words):
    with pytest.raises(SpecError, match=words):
        check_adversarial(
            AdversarialTraining(strength=12), replace(DIGITS, **changed), shape, has_further=further
        )
