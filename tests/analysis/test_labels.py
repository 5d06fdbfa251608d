"""Confident learning, by numbers that were worked out by hand."""

import numpy as np
import pytest

from dlcore.analysis.labels import (
    confident_classes,
    confident_joint,
    doubt_classes,
    doubt_labels,
    doubt_numbers,
    thresholds,
)

# Of class 0: 0.9, 0.7, 0.2, hence 0.6 on average; of class 1: 0.8, 0.9, 0.1, hence 0.6; of class 2: 0.5.
CHANCES = np.array(
    [
        [0.9, 0.05, 0.05],
        [0.7, 0.2, 0.1],
        [0.2, 0.75, 0.05],
        [0.1, 0.8, 0.1],
        [0.05, 0.9, 0.05],
        [0.65, 0.1, 0.25],
        [0.3, 0.2, 0.5],
    ]
)
GIVEN = np.array([0, 0, 0, 1, 1, 1, 2])


def test_a_threshold_is_how_sure_answers_are_of_their_own_class():
    assert thresholds(CHANCES, GIVEN) == pytest.approx([0.6, 0.6, 0.5])


def test_the_confident_joint_counts_by_given_and_by_confident_class():
    assert confident_joint(CHANCES, GIVEN).tolist() == [[2, 1, 0], [1, 2, 0], [0, 0, 1]]


def test_who_reaches_no_threshold_is_counted_nowhere():
    chances = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    # Thresholds: (0.9 + 0.5) / 2 = 0.7 and 0.8.
    assert confident_classes(chances, np.array([0, 0, 1])).tolist() == [0, -1, 1]
    assert confident_joint(chances, np.array([0, 0, 1])).tolist() == [[1, 0], [0, 1]]


def test_of_two_thresholds_that_are_reached_the_more_probable_class_counts():
    chances = np.array([[0.6, 0.4], [0.3, 0.7], [0.55, 0.45]])
    # Thresholds: 0.6 and (0.7 + 0.45) / 2 = 0.575; lowered by another sample of class 0 to (0.6 + 0.2) / 2 = 0.4.
    chances = np.concatenate([chances, [[0.2, 0.8]]])
    assert confident_classes(chances, np.array([0, 1, 1, 0])).tolist() == [0, 1, 0, 1]


def test_the_score_is_the_margin_and_the_worst_comes_first():
    found = doubt_classes(CHANCES, GIVEN)
    assert found.score == pytest.approx([-0.85, -0.5, 0.55, -0.7, -0.85, 0.55, -0.2])
    assert found.suggested[[2, 5]].tolist() == [1, 0]
    assert found.likely.tolist() == [False, False, True, False, False, True, False]
    assert found.ranked().tolist() == [2, 5]


def test_a_class_that_no_sample_is_given_is_suggested_but_never_confidently():
    chances = np.array([[0.6, 0.0, 0.4], [0.1, 0.0, 0.9]])
    found = doubt_classes(chances, np.array([0, 0]))
    assert thresholds(chances, np.array([0, 0])).tolist() == [0.35, np.inf, np.inf]
    assert found.suggested[1] == 2
    assert not found.likely.any()


def test_where_there_is_one_class_nothing_is_suspicious():
    found = doubt_classes(np.ones((3, 1)), np.zeros(3, np.int64))
    assert found.ranked().tolist() == []
    assert confident_joint(np.ones((3, 1)), np.zeros(3, np.int64)).tolist() == [[3]]


def test_samples_without_an_answer_are_left_out_and_move_no_threshold():
    chances = np.concatenate([CHANCES, [[np.nan] * 3]])
    found = doubt_classes(chances, np.append(GIVEN, 0))
    assert np.isnan(found.score[-1]) and not found.likely[-1]
    assert found.ranked().tolist() == [2, 5]
    nothing = doubt_classes(np.full((2, 2), np.nan), np.array([0, 1]))
    assert nothing.ranked().tolist() == []


def test_of_several_labels_the_most_doubtful_decides_and_it_alone_is_flipped():
    chances = np.array([[0.9, 0.1], [0.8, 0.9], [0.1, 0.2]])
    given = np.array([[1, 0], [1, 0], [0, 0]], np.float32)
    found = doubt_labels(chances, given)
    # The second sample: label 0 is right by 0.6, label 1 wrong by 0.9 − 0.1.
    assert found.score == pytest.approx([-0.8, 0.8, -0.6])
    assert found.suggested.tolist() == [[1, 0], [1, 1], [0, 0]]
    assert found.ranked().tolist() == [1]


def test_residuals_count_in_deviations_of_most_of_them():
    answers = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])
    given = answers + np.array([[0.1], [-0.1], [0.1], [-0.1], [10.0]])
    found = doubt_numbers(answers, given)
    # The median of 0.1, 0.1, 0.1, 0.1, 10 is 0.1: a deviation of 0.14826, whatever the one outlier is.
    assert found.score[-1] == pytest.approx(10 / 0.14826, rel=1e-3)
    assert found.likely.tolist() == [False, False, False, False, True]
    assert found.ranked()[0] == 4


def test_residuals_without_a_median_are_measured_by_their_mean():
    found = doubt_numbers(np.zeros((4, 1)), np.array([[0.0], [0.0], [0.0], [2.0]]))
    assert found.score.tolist() == [0, 0, 0, 4]
    assert doubt_numbers(np.zeros((2, 1)), np.zeros((2, 1))).score.tolist() == [0, 0]
    assert np.isnan(doubt_numbers(np.full((1, 1), np.nan), np.zeros((1, 1))).score).all()


def test_two_percent_of_changed_labels_are_found_among_the_first_three_percent():
    generator = np.random.default_rng(0)
    true = generator.integers(0, 5, 5_000)
    centres = np.eye(5)[true] * 3 + generator.normal(size=(5_000, 5))
    chances = np.exp(2 * centres) / np.exp(2 * centres).sum(axis=1, keepdims=True)
    changed = generator.choice(5_000, 100, replace=False)
    given = true.copy()
    given[changed] = (given[changed] + generator.integers(1, 5, 100)) % 5
    first = doubt_classes(chances, given).ranked()[:150]
    assert np.isin(changed, first).mean() >= 0.8
