"""Which samples are looked at first, against small parts worked out by hand."""

import math

import numpy as np
import pytest

from dlcore.analysis.answers import PartAnswers
from dlcore.analysis.samples import Order, examine
from dlcore.spec.data import Task

CHANCES = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]
TRUE = [0, 0, 0, 1]


@pytest.fixture
def found():
    rows = np.array([40, 30, 20, 10])
    return examine(PartAnswers(Task.MULTICLASS, np.float32(CHANCES), np.array(TRUE), rows))


def test_a_sample_has_the_chance_of_its_answer_and_the_loss_of_its_class(found):
    assert found.predicted.tolist() == [0, 1, 0, 1]
    assert found.correct.tolist() == [True, False, True, True]
    assert found.confidence == pytest.approx([0.9, 0.8, 0.6, 0.7])
    assert found.loss == pytest.approx([-math.log(p) for p in (0.9, 0.2, 0.6, 0.7)], rel=1e-6)


def test_a_chance_of_nothing_costs_as_much_as_in_keras():
    found = examine(PartAnswers(Task.MULTICLASS, np.float32([[1, 0]]), np.array([1]), np.array([0])))
    assert found.loss == pytest.approx([-math.log(1e-7)])


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.SURE_AND_WRONG, [1]),
        (Order.UNSURE_AND_RIGHT, [2, 3, 0]),
        (Order.HIGHEST_LOSS, [1, 2, 3, 0]),
        (Order.AS_STORED, [3, 2, 1, 0]),
    ],
)
def test_samples_are_ordered(found, order, expected):
    assert found.chosen(order).tolist() == expected


def test_samples_are_chosen_by_what_they_are_and_what_was_answered(found):
    assert found.chosen(Order.AS_STORED, true=0).tolist() == [2, 1, 0]
    assert found.chosen(Order.AS_STORED, true=0, predicted=1).tolist() == [1]
    assert found.chosen(Order.SURE_AND_WRONG, true=1).tolist() == []


def test_a_sample_is_found_by_its_row(found):
    assert found.place_of(20) == 2
    assert found.place_of(21) is None


def test_labels_are_right_if_all_are():
    answers = np.float32([[0.9, 0.2], [0.6, 0.6]])
    found = examine(PartAnswers(Task.MULTILABEL, answers, np.float32([[1, 0], [1, 0]]), np.arange(2)))
    assert found.correct.tolist() == [True, False]
    assert found.confidence == pytest.approx([0.85, 0.6])
    assert found.loss[1] == pytest.approx(-(math.log(0.6) + math.log(0.4)) / 2, rel=1e-6)
    assert found.chosen(Order.AS_STORED, predicted=1).tolist() == [1]


def test_numbers_are_judged_in_deviations_of_their_target():
    targets = np.float32([[0, 100], [2, 300]])  # deviations of 1 and 100
    found = examine(PartAnswers(Task.REGRESSION, np.float32([[1, 100], [2, 500]]), targets, np.arange(2)))
    assert found.correct is None
    assert found.loss.tolist() == [0.5, 2.0]
    assert np.isnan(found.confidence).all()
    assert found.orders() == (Order.HIGHEST_LOSS, Order.AS_STORED)
    assert found.chosen(Order.HIGHEST_LOSS).tolist() == [1, 0]


def test_a_target_that_never_changes_divides_by_nothing():
    found = examine(
        PartAnswers(Task.REGRESSION, np.float32([[1], [4]]), np.float32([[2], [2]]), np.arange(2))
    )
    assert found.loss.tolist() == [1.0, 4.0]
