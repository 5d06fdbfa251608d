"""Confidence against accuracy, and the temperature between them."""

import numpy as np
import pytest

from dlcore.analysis.answers import PartAnswers
from dlcore.analysis.calibration import calibrate, fit_temperature
from dlcore.spec.data import Task


def answered(chances, targets):
    chances = np.asarray(chances, np.float32)
    return PartAnswers(Task.MULTICLASS, chances, np.asarray(targets), np.arange(len(chances)))


def test_the_error_is_how_far_confidence_and_accuracy_are_apart():
    # Four samples at 0.9, of which two are right; four at 0.6, of which three are right.
    found = calibrate(answered([[0.9, 0.1]] * 4 + [[0.6, 0.4]] * 4, [0, 0, 1, 1, 0, 0, 0, 1]))
    assert [(one.samples, one.accuracy) for one in found.bins] == [(4, 0.75), (4, 0.5)]
    assert [one.confidence for one in found.bins] == pytest.approx([0.6, 0.9])
    assert found.error == pytest.approx((0.15 + 0.4) / 2)
    assert (found.confidence, found.accuracy) == pytest.approx((0.75, 0.625))


def test_a_chance_of_1_lies_in_the_last_bin():
    found = calibrate(answered([[1.0, 0.0]], [0]))
    assert (found.bins[0].high, found.error) == (1.0, pytest.approx(0, abs=1e-9))


def test_a_model_that_is_too_sure_gets_a_temperature_that_mends_it():
    # Says 0.9 and is right in 60 of 100: only at log(9) / T = log(1.5) are its chances those of the answers.
    found = answered([[0.9, 0.1]] * 100, [0] * 60 + [1] * 40)
    temperature = fit_temperature(found)
    assert temperature == pytest.approx(np.log(9) / np.log(1.5), rel=1e-3)
    assert calibrate(found, temperature=temperature).error == pytest.approx(0, abs=1e-4)


def test_a_temperature_changes_no_answer():
    chances = np.random.default_rng(0).dirichlet(np.ones(5), 50)
    found = answered(chances, chances.argmax(axis=1))
    assert calibrate(found, temperature=7.0).accuracy == calibrate(found).accuracy == 1.0


def test_where_all_answers_are_right_the_temperature_is_the_lowest():
    assert fit_temperature(answered([[0.9, 0.1]] * 3, [0, 0, 0])) == pytest.approx(0.05)
