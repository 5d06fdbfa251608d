"""Intervals of a few numbers, against tables and another implementation."""

import pytest
from scipy.stats import ttest_1samp, ttest_ind

from dlcore.comparison.few import difference_of_means, mean_interval

ONE, OTHER = [0.981, 0.987, 0.984, 0.979, 0.99], [0.962, 0.975, 0.958]


def test_the_interval_of_a_mean_is_students():
    # The deviation of 1, 2 and 3 is 1; 4.302653 is Student's t of 2 degrees of freedom in any table.
    interval = mean_interval([1, 2, 3])
    assert (interval.low, interval.high) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5))
    known = ttest_1samp(ONE, 0).confidence_interval()
    found = mean_interval(ONE)
    assert (found.low, found.high) == pytest.approx((known.low, known.high))


def test_the_interval_of_a_difference_is_welchs():
    known = ttest_ind(ONE, OTHER, equal_var=False).confidence_interval()
    found = difference_of_means(ONE, OTHER)
    assert (found.low, found.high) == pytest.approx((known.low, known.high))


def test_groups_of_one_size_and_spread_have_students_interval_of_both():
    # Variances of 1: the error is √(2/3), the degrees of freedom are those of both, of which 4 have t = 2.776445.
    found = difference_of_means([1, 2, 3], [1, 2, 3])
    assert (found.low, found.high) == pytest.approx((-2.776445 * (2 / 3) ** 0.5, 2.776445 * (2 / 3) ** 0.5))


@pytest.mark.parametrize("values", [[], [0.9], [0.9, 0.9, 0.9]])
def test_one_number_and_equal_ones_make_nothing_certain(values):
    assert mean_interval(values) is None


def test_a_difference_needs_two_numbers_of_each_and_some_spread():
    assert difference_of_means([0.9], [0.8, 0.7]) is None
    assert difference_of_means([0.9, 0.9], [0.8, 0.8]) is None
    # The spread of one of them is enough: its degree of freedom is that of the difference.
    found = difference_of_means([0.9, 0.9], [0.8, 0.7])
    assert (found.high - found.low) / 2 == pytest.approx(12.706205 * 0.05)
