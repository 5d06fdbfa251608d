"""Metrics made of their samples, against numbers worked out by hand."""

import numpy as np
import pytest

from dlcore.analysis.answers import PartAnswers, disagreement
from dlcore.spec.data import Task


def value(task, metric, answers, targets):
    answers = np.asarray(answers, np.float32)
    found = PartAnswers(task, answers, np.asarray(targets), np.arange(len(answers))).scores(metric)
    return None if found is None else pytest.approx(found.value)


BINARY = [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]]
# Of class 1: one found, one found wrongly, one missed.
TRUE = [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("accuracy", 0.5), ("precision", 0.5), ("recall", 0.5), ("f1", 0.5), ("auc", None)],
)
def test_two_classes(metric, expected):
    assert value(Task.BINARY, metric, BINARY, TRUE) == expected


def test_the_five_most_probable_classes():
    chances = np.linspace(0.1, 0.8, 8)[None].repeat(2, axis=0)
    assert value(Task.MULTICLASS, "top_5_accuracy", chances, [2, 3]) == 0.5
    assert value(Task.MULTICLASS, "f1", chances, [2, 3]) is None


LABELS = [[0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]
TRUE_LABELS = [[1, 0], [1, 1], [0, 1]]


@pytest.mark.parametrize(
    ("metric", "expected"),
    # All of the first label are right; of the second one is found, one found wrongly, one missed.
    [("accuracy", 4 / 6), ("precision", 3 / 4), ("recall", 3 / 4), ("f1", (1 + 0.5) / 2)],
)
def test_several_labels(metric, expected):
    assert value(Task.MULTILABEL, metric, LABELS, TRUE_LABELS) == expected


@pytest.mark.parametrize(
    ("metric", "expected"),
    # Errors of 0, 1 and -2; the targets are 1, 2 and 6, their squared distances from 3 add up to 14.
    [("mae", 1.0), ("rmse", (5 / 3) ** 0.5), ("r2", 1 - 5 / 14)],
)
def test_numbers(metric, expected):
    assert value(Task.REGRESSION, metric, [[1.0], [3.0], [4.0]], [[1.0], [2.0], [6.0]]) == expected


def test_a_target_that_never_changes_explains_nothing():
    assert value(Task.REGRESSION, "r2", [[1.0], [3.0]], [[2.0], [2.0]]) == 0.0


def answered(said, true, sure, rows=None):
    answers = np.full((len(said), 3), 0.0)
    answers[np.arange(len(said)), said] = sure
    rows = np.arange(len(said)) if rows is None else rows
    return PartAnswers(Task.MULTICLASS, answers, np.asarray(true), rows)


def test_two_runs_disagree_where_one_is_right_and_the_other_wrong():
    true = [0, 1, 2, 0, 1]
    one = answered([0, 1, 2, 1, 0], true, [0.9, 0.9, 0.9, 0.9, 0.9])
    other = answered([0, 2, 1, 0, 0], true, [0.9, 0.6, 0.8, 0.9, 0.9])
    found = disagreement(one, other)
    # The surest mistake of the other comes first.
    assert (found.first.tolist(), found.second.tolist()) == ([2, 1], [3])
    assert (found.both, found.neither) == (1, 1)


def test_runs_that_were_asked_other_samples_do_not_disagree():
    one = answered([0, 1], [0, 1], 0.9)
    assert disagreement(one, answered([1, 1], [0, 1], 0.9, rows=np.array([5, 6]))) is None
