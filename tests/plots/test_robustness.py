"""Curves over the strength, and a sample beside what became of it."""

import numpy as np

from dlcore.plots.robustness import (
    changed_columns_figure,
    changed_picture_info,
    changed_spectrogram_info,
    changed_steps_figure,
    curves_figure,
    curves_info,
)
from dlcore.records.robustness import Robustness, RobustnessPoint, Unit


def found(kind, unit, *values):
    points = tuple(RobustnessPoint(float(at), one, one - 0.1, one + 0.05) for at, one in enumerate(values))
    return Robustness(kind, "test", unit, True, 100, 359, points)


def test_curves_in_one_unit_stand_in_one_figure():
    levels, degrees = curves_info(
        [
            found("fgsm", Unit.LEVELS, 0.9, 0.4),
            found("rotation", Unit.DEGREES, 0.9, 0.8),
            found("noise", Unit.LEVELS, 0.9, 0.7),
        ]
    )
    assert [curve.title for curve in levels.curves] == ["FGSM", "Noise"] and levels.unit is Unit.LEVELS
    assert [curve.title for curve in degrees.curves] == ["Rotation"]
    drawn = curves_figure(levels)
    assert drawn.data[0].y.tolist() == [0.9, 0.4] and drawn.data[0].x.tolist() == [0, 1]
    np.testing.assert_allclose(drawn.data[0].error_y.array, [0.05, 0.05])
    np.testing.assert_allclose(drawn.data[0].error_y.arrayminus, [0.1, 0.1])
    assert drawn.layout.xaxis.title.text == "Strength (levels of 255)"


def test_the_difference_of_pictures_is_grey_where_there_is_none():
    original = np.array([[[10], [20], [30]]], np.uint8)
    info = changed_picture_info(original, np.array([[[10], [24], [28]]], np.uint8))
    # 4 is the largest: 128 + 127; −2 is half of it, the other way: 128 − 63.5.
    assert info.difference[0, :, 0].tolist() == [128, 255, 64] and info.most == 4
    assert info.changed.shape == (1, 3, 3)


def test_equal_pictures_have_no_difference_and_large_ones_are_thinned():
    large = np.zeros((600, 300, 3), np.uint8)
    info = changed_picture_info(large, large)
    assert info.most == 0 and set(np.unique(info.difference)) == {128}
    assert info.original.shape == (200, 100, 3)


def test_a_spectrogram_lies_with_time_to_the_right_and_both_share_their_levels():
    before, after = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]), np.full((3, 2), 2.0)
    info = changed_spectrogram_info(before, after)
    assert info.original.shape == (2, 3, 3)
    assert info.original[:, 0, 0].tolist() == [128, 0] and info.changed.min() == 255


def test_columns_and_steps_are_shown_in_deviations():
    drawn = changed_columns_figure(
        np.array([1.0, 10.0]), np.array([1.5, 10.0]), np.array([0.25, 4.0]), ["a", "b"]
    )
    assert drawn.data[0].x.tolist() == [2.0, 0.0]
    many = changed_columns_figure(np.zeros(30), np.arange(30.0), np.ones(30), [str(at) for at in range(30)])
    # No sum of the others, for changes of several columns have none.
    assert many.data[0].x.tolist() == list(range(29, 9, -1))
    before, after = np.zeros((4, 2)), np.zeros((4, 2))
    after[1, 1] = -3.0
    lines = changed_steps_figure(before, after, np.array([1.0, 2.0]), ["early", "late"])
    assert lines.data[1].y.tolist() == [0, -3, 0, 0] and lines.data[2].z[1, 1] == -1.5
