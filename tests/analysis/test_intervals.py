"""Intervals, against what theory says of known cases."""

import math

import numpy as np
import pytest

from dlcore.analysis.intervals import (
    MOST_GROUPS,
    Interval,
    SampleScores,
    difference_interval,
    sign_test,
    value_interval,
)


def shares(right, wrong):
    return SampleScores(np.array([[1.0]] * right + [[0.0]] * wrong), lambda means: means[..., 0])


def answered(*counts):
    """Two runs: both right, only the first, only the second, neither."""
    first = np.repeat([1.0, 1.0, 0.0, 0.0], counts)
    second = np.repeat([1.0, 0.0, 1.0, 0.0], counts)
    return tuple(SampleScores(one[:, None], lambda means: means[..., 0]) for one in (first, second))


def test_a_share_has_wilsons_interval():
    interval = value_interval(shares(right=95, wrong=5))
    # Worked out by hand from Wilson's formula.
    assert (interval.low, interval.high) == pytest.approx((0.88825, 0.97846), abs=1e-5)


def test_a_share_of_all_samples_is_not_certain():
    interval = value_interval(shares(right=100, wrong=0))
    assert interval.high == 1.0
    assert interval.low == pytest.approx(1 / (1 + 1.959964**2 / 100))


def test_what_is_the_same_in_every_draw_has_no_interval():
    """A precision of 1 is 1 whichever of the samples are drawn, and still says nothing certain of the next one."""
    hits_and_chosen = np.repeat([[1.0, 1.0], [0.0, 0.0]], [40, 60], axis=0)
    assert value_interval(SampleScores(hits_and_chosen, lambda means: means[..., 0] / means[..., 1])) is None


def test_the_difference_of_two_shares_varies_with_what_only_one_of_them_gets_right():
    one, other = answered(400, 30, 10, 60)
    interval = difference_interval(one, other)
    # The differences are 30 times 1, 10 times -1 and else 0: their deviation gives the margin.
    deviation = math.sqrt((40 / 500 - (20 / 500) ** 2) / 500)
    assert (interval.low + interval.high) / 2 == pytest.approx(0.04, abs=0.002)
    assert interval.margin == pytest.approx(1.96 * deviation, rel=0.05)
    assert interval.excludes_zero


def test_samples_that_are_hard_for_both_do_not_widen_a_difference():
    one, other = answered(250, 20, 5, 225)
    apart = difference_interval(one, other).margin
    alone = math.hypot(value_interval(one).margin, value_interval(other).margin)
    assert apart < alone / 2


@pytest.mark.parametrize("samples", [500, 3 * MOST_GROUPS + 1])
def test_the_mean_of_numbers_has_the_interval_of_its_standard_error(samples):
    numbers = np.random.default_rng(1).exponential(size=(samples, 1))
    interval = value_interval(SampleScores(numbers, lambda means: means[..., 0]))
    assert interval.margin == pytest.approx(1.96 * numbers.std() / math.sqrt(samples), rel=0.06)


def test_a_function_of_means_has_the_interval_of_its_slope():
    errors = np.random.default_rng(2).normal(size=(2_000, 1))
    interval = value_interval(SampleScores(errors**2, lambda means: np.sqrt(means[..., 0])))
    # The deviation of a root mean square of normal numbers is its value over the root of twice their count.
    assert interval.margin == pytest.approx(1.96 / math.sqrt(2 * 2_000), rel=0.06)


def test_the_same_is_said_each_time():
    one, other = answered(80, 11, 4, 5)
    assert difference_interval(one, other) == difference_interval(one, other)


@pytest.mark.parametrize(
    ("ahead", "behind", "chance"), [(5, 0, 0.0625), (8, 1, 0.0390625), (3, 3, 1.0), (0, 0, 1.0)]
)
def test_the_test_of_signs_is_exact(ahead, behind, chance):
    assert sign_test(*answered(100, ahead, behind, 0)) == pytest.approx(chance)


def test_the_test_of_signs_of_many_samples_is_that_of_the_normal_distribution():
    # 1,050 against 950: (100 - 1) / sqrt(2000) = 2.2137 deviations.
    assert sign_test(*answered(0, 1_050, 950, 0)) == pytest.approx(0.02685, abs=1e-4)


def test_an_interval_that_touches_zero_does_not_exclude_it():
    assert not Interval(0.0, 0.1).excludes_zero
    assert Interval(-0.2, -0.1).excludes_zero
