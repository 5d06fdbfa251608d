"""Matrices of mistakes, alone and their difference."""

import numpy as np

from dlcore.plots.mistakes import mistakes_figure, mistakes_info

ONE, TWO = [[5, 1], [2, 4]], [[3, 3], [2, 4]]


def test_right_answers_have_no_colour():
    info = mistakes_info(ONE, ("cat", "dog"))
    np.testing.assert_array_equal(info.values, [[np.nan, 1], [2, np.nan]])
    assert info.text == (("5", "1"), ("2", "4"))
    assert info.most == 2


def test_a_difference_shows_mistakes_only():
    info = mistakes_info(ONE, ("cat", "dog"), minus=TWO)
    assert info.text == (("", "−2"), ("", ""))
    assert (info.most, info.is_difference) == (2, True)
    assert len(mistakes_figure(info, ink="#FFFFFF").data) == 1


def test_two_matrices_can_have_one_scale():
    assert mistakes_info(ONE, ("cat", "dog"), most=9).most == 9
    assert mistakes_info([[3, 0], [0, 3]], ("cat", "dog")).most == 1
