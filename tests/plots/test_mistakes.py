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


def test_no_difference_is_grey_and_one_mistake_is_not():
    drawn, right = mistakes_figure(mistakes_info(ONE, ("cat", "dog"), minus=TWO), ink="#FFFFFF").data
    colours = dict(reversed(drawn.colorscale))  # of two at one place, the one below
    assert (drawn.zmin, drawn.zmax) == (-2, 2)
    assert colours[0] == "#0072B2" and colours[1] == "#C44E00"
    (around,) = {colour for place, colour in drawn.colorscale if "128,134,150" in colour}
    assert {round(place, 3) for place, colour in drawn.colorscale if colour == around} == {0.5}
    # What both got right is grey, too, and says nothing of its own.
    np.testing.assert_array_equal(right.z, [[0, np.nan], [np.nan, 0]])
    assert right.hoverinfo == "skip" and drawn.hovertext.tolist() == [["0", "−2"], ["0", "0"]]


def test_two_matrices_can_have_one_scale():
    assert mistakes_info(ONE, ("cat", "dog"), most=9).most == 9
    assert mistakes_info([[3, 0], [0, 3]], ("cat", "dog")).most == 1
