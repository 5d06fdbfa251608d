"""Axes of parameters and of values."""

import pytest

from dlcore.plots.studies.axes import default_range, log_ticks, short_number

EVEN = [float(value) for value in range(101)]


@pytest.mark.parametrize("also", [[], [225.0], [-120.0]])
def test_values_that_lie_near_the_others_are_all_seen(also):
    # From 5 to 95 lie nine tenths; one and a half times that is still near.
    assert default_range([*EVEN, *also]) is None


@pytest.mark.parametrize("far", [240.0, -140.0, 1e9])
def test_a_value_far_off_does_not_squeeze_the_others(far):
    assert default_range([*EVEN, far]) == [-5.0, 105.0]


def test_what_must_be_seen_is_seen_with_a_margin():
    assert default_range([*EVEN, 1e9], 300.0) == [-15.0, 315.0]
    assert default_range([*EVEN, 1e9], -100.0) == [-110.0, 110.0]


def test_equal_values_need_no_range():
    assert default_range([]) is None
    assert default_range([3.0, 3.0]) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (5, "5"),
        (-1.5, "-1.5"),
        (0.001, "0.001"),
        (0.0009, "0.0009"),
        (0.000012345, "1.23e-5"),
        (999_999, "999999"),
        (1_000_000, "1e6"),
        (1234.5678, "1235"),
        (0.12345, "0.1235"),
    ],
)
def test_numbers_are_short(value, text):
    assert short_number(value) == text


def test_few_powers_get_ticks_between_them():
    assert log_ticks(-1.0, 0.0)[1] == ["0.1", "0.2", "0.5", "1"]
    assert log_ticks(-3.0, 0.0)[1] == ["0.001", "0.01", "0.1", "1"]
