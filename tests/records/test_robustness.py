"""Which disturbances suit which runs, and with which strengths: one table, without Keras."""

import json
from dataclasses import replace

import pytest

from dlcore.datasets import facts
from dlcore.errors import SpecError
from dlcore.records.explanation_methods import Explainable, Form
from dlcore.records.robustness import (
    DISTURBANCES,
    DisturbedAnswer,
    DisturbedSample,
    Robustness,
    RobustnessPoint,
    Unit,
    checked_disturbance,
    checked_strengths,
    disturbances,
    undisturbed,
)
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnType, DataKind, Task
from dlcore.spec.experiment import ExperimentSpec

OF_PICTURES = ["fgsm", "pgd", "noise", "blur", "brightness", "shift", "rotation"]


@pytest.fixture
def digits(tmp_path):
    return facts("digits", Settings(home=tmp_path))


def seen(known, layers, *steps):
    spec = ExperimentSpec.from_dict(
        {"dataset": {"name": known.name}, "preprocessing": list(steps), "model": {"layers": layers}}
    )
    return Explainable.of(spec, known)


def a_table(digits):
    columns = (Column("age", ColumnType.NUMBER),)
    known = replace(
        digits, kind=DataKind.TABLE, task=Task.BINARY, classes=("no", "yes"), input_shape=None,
        class_counts=(), columns=columns,
    )  # fmt: skip
    return seen(known, ["Dense"])


def a_text(digits):
    known = replace(
        digits, kind=DataKind.TEXT, task=Task.BINARY, classes=("no", "yes"), input_shape=None,
        class_counts=(), columns=(Column("text", ColumnType.TEXT),),
    )  # fmt: skip
    return seen(known, ["Embedding", "Flatten", "Dense"], "TextVectorization")


def test_pictures_can_be_turned_and_tables_only_attacked_and_made_noisy(digits):
    assert [one.name for one in disturbances(seen(digits, ["Flatten", "Dense"]))] == OF_PICTURES
    assert [one.name for one in disturbances(a_table(digits))] == ["fgsm", "pgd", "noise"]


def test_of_texts_it_is_said_that_there_is_nothing_continuous_to_change(digits):
    refusal = undisturbed(a_text(digits))
    assert refusal is not None and "nothing continuous to change" in refusal.text()
    with pytest.raises(SpecError, match="nothing continuous to change"):
        checked_disturbance("fgsm", a_text(digits))


def test_a_wrong_name_lists_the_nearest_and_one_that_does_not_suit_those_that_do(digits):
    with pytest.raises(SpecError, match=r"there is no disturbance 'fgms'.*fgsm"):
        checked_disturbance("fgms", a_table(digits))
    with pytest.raises(SpecError, match="Choose one of these: fgsm, pgd, noise"):
        checked_disturbance("rotation", a_table(digits))


def test_strengths_count_levels_of_pictures_and_deviations_of_all_else():
    assert DISTURBANCES["fgsm"].unit(Form.PICTURE) is Unit.LEVELS
    assert DISTURBANCES["fgsm"].unit(Form.STEPS) is Unit.DEVIATIONS
    assert DISTURBANCES["rotation"].unit(Form.PICTURE) is Unit.DEGREES
    assert DISTURBANCES["rotation"].unit(Form.SPECTROGRAM) is None


def test_strengths_are_sorted_and_bounded():
    fgsm = DISTURBANCES["fgsm"]
    assert checked_strengths([8, 2, 8], fgsm, Form.PICTURE) == (2.0, 8.0)
    assert checked_strengths([], fgsm, Form.PICTURE) == fgsm.strengths(Form.PICTURE)
    assert checked_strengths([255], fgsm, Form.PICTURE) == (255.0,)
    for wrong in ([0], [-1], [255.5], [float("nan")]):
        with pytest.raises(SpecError, match="above 0 and at most 255"):
            checked_strengths(wrong, fgsm, Form.PICTURE)
    with pytest.raises(SpecError, match="expected at most 6, got 7"):
        checked_strengths(range(1, 8), fgsm, Form.PICTURE)


@pytest.mark.parametrize("disturbance", DISTURBANCES.values(), ids=DISTURBANCES)
def test_the_strengths_of_each_disturbance_are_within_its_own_bounds(disturbance):
    for form in Form:
        if disturbance.unit(form) is not None:
            own = disturbance.strengths(form)
            assert checked_strengths(own, disturbance, form) == own


def test_what_was_found_survives_json():
    points = (RobustnessPoint(0.0, 0.9, 0.8, 0.95), RobustnessPoint(8.0, 0.5, 0.4, 0.6))
    found = Robustness("fgsm", "test", Unit.LEVELS, True, 100, 359, points)
    assert Robustness.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    answers = (DisturbedAnswer(0.0, "3", 0.9, True), DisturbedAnswer(8.0, "5", 0.6, False))
    sample = DisturbedSample("fgsm", Form.PICTURE, "test", 7, Unit.LEVELS, "3", (), answers)
    assert DisturbedSample.from_dict(json.loads(json.dumps(sample.to_dict()))) == sample
