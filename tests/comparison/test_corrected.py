"""A run before and one after its data was corrected, on the samples of both and by the corrected labels."""

import numpy as np
import pytest

from dlcore.analysis.answers import PartAnswers
from dlcore.comparison.corrected import compare_answers
from dlcore.comparison.difference import Verdict
from dlcore.spec.data import Task


def answers(rows, said, targets):
    chances = np.eye(3, dtype=np.float32)[said]
    return PartAnswers(Task.MULTICLASS, chances, np.array(targets), np.array(rows))


def test_both_are_judged_by_the_corrected_labels_of_the_samples_of_both():
    before = answers([10, 11, 12, 13], [0, 1, 2, 0], [0, 1, 1, 0])
    # Sample 12 is a 2 by now, 13 is left out.
    after = answers([10, 11, 12], [0, 1, 1], [0, 1, 2])
    found = compare_answers(before, after, "accuracy")
    assert (found.samples, found.relabelled, found.left_out) == (3, 1, 1)
    assert found.before == pytest.approx(1)
    assert found.after == pytest.approx(2 / 3)
    assert found.difference.value == pytest.approx(-1 / 3)
    assert found.difference.verdict is Verdict.EQUAL


def test_a_large_gain_is_told_from_chance():
    rows, true = np.arange(400), np.arange(400) % 3
    wrong = np.where(rows < 100, (true + 1) % 3, true)
    found = compare_answers(answers(rows, wrong, true), answers(rows, true, true), "accuracy")
    assert found.difference.verdict is Verdict.BETTER
    assert found.before == pytest.approx(0.75)


def test_numbers_are_compared_by_their_errors():
    def numbers(said, targets):
        return PartAnswers(Task.REGRESSION, np.array(said)[:, None], np.array(targets)[:, None], np.arange(3))

    found = compare_answers(numbers([1.0, 2, 3], [1.0, 2, 5]), numbers([1.0, 2, 4], [1.0, 2, 3]), "rmse")
    assert (found.before, found.relabelled) == (0, 1)


def test_runs_without_a_sample_in_common_are_not_compared():
    assert compare_answers(answers([1], [0], [0]), answers([2], [0], [0]), "accuracy") is None
