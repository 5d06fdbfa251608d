"""Colours of values: from the worst to the best, without what diverged, and what the scale beside them says."""

import numpy as np
import pytest

from dlcore.plots.studies.goals import score_trials
from dlcore.plots.studies.shades import Shades, colour_axis, shades_of
from tests.plots.studies.making import ACCURACY, LOSS, trial


def scored(goal, *values, **more):
    return shades_of(score_trials([trial(n, value, **more) for n, value in enumerate(values)], goal), goal)


def ticks(shades, goal):
    """What stands beside each shade."""
    bar = colour_axis(shades, goal)["colorbar"]
    return dict(zip(bar["tickvals"], (text.strip() for text in bar["ticktext"]), strict=True))


def test_the_best_value_has_the_strongest_shade_and_the_worst_the_weakest():
    low = Shades(best=2.0, worst=6.0, clipped=False)
    assert low.of(np.array([2.0, 3.0, 6.0, 9.0])).tolist() == [1.0, 0.75, 0.0, 0.0]
    # One that does not count may be better than the best of those that do.
    assert low.of(np.array([1.0])).tolist() == [1.0]
    high = Shades(best=0.9, worst=0.5, clipped=False)
    assert high.of(np.array([0.9, 0.7, 0.5, 0.1])).tolist() == pytest.approx([1.0, 0.5, 0.0, 0.0])


def test_equal_values_are_all_the_best():
    assert Shades(3.0, 3.0, False).of(np.array([3.0, 3.0])).tolist() == [1.0, 1.0]


def test_a_tenth_of_the_values_at_the_worse_end_shares_one_shade():
    # Nine tenths of the way from the first to the last of 21 values lies the nineteenth.
    assert scored(LOSS, *range(21)) == Shades(0.0, 18.0, True)
    assert scored(ACCURACY, *range(21)) == Shades(20.0, 2.0, True)
    # Of few values all are shown.
    assert scored(LOSS, 0.5, 0.2, 0.9) == Shades(0.2, 0.9, False)


def test_values_that_do_not_count_make_shades_only_where_there_are_no_others():
    trials = [trial(0, 0.5), trial(1, 0.7), trial(2, 0.0, bad=True)]
    assert shades_of(score_trials(trials, LOSS), LOSS) == Shades(0.5, 0.7, False)
    assert shades_of(score_trials(trials[2:], LOSS), LOSS) == Shades(0.0, 0.0, False)
    assert shades_of(score_trials([], LOSS), LOSS) == Shades(0.0, 0.0, False)


def test_the_scale_says_the_value_of_each_quarter():
    assert ticks(Shades(best=1.0, worst=9.0, clipped=False), LOSS) == {
        0.0: "9", 0.25: "7", 0.5: "5", 0.75: "3", 1.0: "1",
    }  # fmt: skip
    assert ticks(Shades(best=0.25, worst=0.25, clipped=False), LOSS) == {1.0: "0.25"}


def test_the_scale_says_that_there_is_something_worse_and_on_which_side():
    assert ticks(Shades(best=1.0, worst=9.0, clipped=True), LOSS)[0.0] == "≥ 9"
    assert ticks(Shades(best=0.9, worst=0.5, clipped=True), ACCURACY)[0.0] == "≤ 0.5"
