"""Which kinds of samples a model does badly on."""

import math

import numpy as np
import pandas as pd
import pytest

from dlcore.analysis.slices import find_slices


def test_the_slice_that_is_surely_worst_comes_first():
    town = np.array(["Rome"] * 100 + ["Oslo"] * 100 + ["Lima"] * 12)
    right = np.array([1] * 90 + [0] * 10 + [1] * 60 + [0] * 40 + [1] * 7 + [0] * 5)
    found = find_slices({"town": town}, right, higher=True)
    assert [one.value for one in found] == ["Oslo", "Lima", "Rome"]
    worst = found[0]
    assert (worst.samples, worst.score, worst.rest) == (100, 0.6, pytest.approx(97 / 112))
    assert worst.interval.high < worst.rest


def test_numbers_are_cut_into_ranges_with_equally_many_samples():
    found = find_slices({"age": np.arange(1, 41)}, np.ones(40), higher=True)
    assert sorted((one.low, one.high, one.samples) for one in found) == [
        (1, 10, 10),
        (11, 20, 10),
        (21, 30, 10),
        (31, 40, 10),
    ]


def test_few_different_numbers_are_values():
    found = find_slices({"rooms": np.array([1.0] * 10 + [2.0] * 10)}, np.zeros(20), higher=True)
    assert sorted(one.value for one in found) == ["1", "2"]


def test_slices_of_few_samples_are_left_out():
    names = pd.Series(["a"] * 9 + ["b"] * 10)
    assert [one.value for one in find_slices({"x": names}, np.ones(19), higher=True)] == ["b"]


def test_what_is_missing_is_a_value_among_names_and_left_out_of_numbers():
    names = pd.Series([None] * 10 + ["b"] * 10, dtype=object)
    assert {one.value for one in find_slices({"x": names}, np.ones(20), higher=True)} == {"", "b"}
    numbers = np.concatenate([np.full(10, np.nan), np.arange(40.0)])
    assert sum(one.samples for one in find_slices({"x": numbers}, np.ones(50), higher=True)) == 40


def test_high_errors_are_the_worse_ones():
    kind = np.array(["low"] * 20 + ["high"] * 20)
    errors = np.concatenate([np.tile([0.5, 1.5], 10), np.tile([4.0, 6.0], 10)])
    found = find_slices({"kind": kind}, errors, higher=False)
    assert [one.value for one in found] == ["high", "low"]
    # A mean of 5 with a deviation of sqrt(20 / 19) over 20 samples.
    assert found[0].interval.high == pytest.approx(5 + 1.959964 * math.sqrt(20 / 19 / 20))
    assert found[0].rest == 1.0


def test_a_slice_of_all_samples_has_no_rest():
    (found,) = find_slices({"x": np.array(["a"] * 12)}, np.ones(12), higher=True)
    assert math.isnan(found.rest)
