"""Value steps learn from the training part alone, and give the numbers worked out by hand."""

import numpy as np
import pytest

from dlcore.datasets.parts import Part
from dlcore.datasets.prepare.values import apply_value_ops, fit_value_ops
from dlcore.spec import ExperimentSpec

FLOATS = np.array([[0.0, 10.0], [2.0, 30.0], [4.0, 20.0], [1e9, -1e9]], np.float32)
"""Two features; the last row is not of the training part."""


def values(steps, array):
    part = Part.whole({"input": array}, np.zeros(len(array))).take(np.arange(len(array) - 1))
    chosen = ExperimentSpec.from_dict({"preprocessing": steps}).preprocessing
    return apply_value_ops(array[: len(array) - 1], fit_value_ops(part, "input", chosen))


def test_bytes_are_normalised_by_the_training_part_alone():
    x = np.array([0, 100, 255], np.uint8).reshape(3, 1, 1, 1)
    # 0 and 100, doubled and moved by 5, have the mean 105 and the deviation 100.
    got = values([{"kind": "Rescaling", "scale": 2.0, "offset": 5.0}, "Normalization"], x)
    assert got.ravel().tolist() == pytest.approx([-1, 1])


def test_each_feature_is_normalised_by_itself():
    got = values(["Normalization"], FLOATS)
    # 0, 2, 4: mean 2, deviation √(8/3); 10, 30, 20: mean 20, deviation √(200/3).
    assert got[:, 0].tolist() == pytest.approx([-(1.5**0.5), 0, 1.5**0.5], abs=1e-6)
    assert got[:, 1].tolist() == pytest.approx([-(1.5**0.5), 1.5**0.5, 0], abs=1e-6)


def test_all_values_can_share_one_scale():
    got = values([{"kind": "Normalization", "per": "all"}], FLOATS)
    # 0, 10, 2, 30, 4, 20 have the mean 11 and the variance (0 + 100 + 4 + 900 + 16 + 400) / 6 − 121.
    deviation = (1420 / 6 - 121) ** 0.5
    assert got[1].tolist() == pytest.approx([-9 / deviation, 19 / deviation])


def test_all_channels_of_an_image_can_share_one_scale():
    # Two pixels of two channels in training; the third image is of another part.
    x = np.array([[0, 10], [20, 50], [255, 255]], np.uint8).reshape(3, 1, 1, 2)
    got = values([{"kind": "Normalization", "per": "all"}], x)
    # 0, 10, 20, 50 have the mean 20 and the variance (400 + 100 + 0 + 900) / 4.
    assert got.ravel().tolist() == pytest.approx([-20 / 350**0.5, -10 / 350**0.5, 0, 30 / 350**0.5])
    # Each channel by itself: 0 and 20, 10 and 50.
    assert values(["Normalization"], x).ravel().tolist() == pytest.approx([-1, -1, 1, 1])


def test_a_range_is_reached_at_both_ends():
    got = values([{"kind": "MinMaxScaler", "low": -1.0, "high": 1.0}], FLOATS)
    assert got[:, 0].tolist() == pytest.approx([-1, 0, 1])
    assert got[:, 1].tolist() == pytest.approx([-1, 1, 0])


def test_a_robust_scale_goes_by_the_quartiles():
    # 0, 2, 4: quartiles 1, 2, 3; 10, 20, 30: quartiles 15, 20, 25.
    got = values(["RobustScaler"], FLOATS)
    assert got[:, 0].tolist() == pytest.approx([-1, 0, 1])
    assert got[:, 1].tolist() == pytest.approx([-1, 1, 0])


def test_a_logarithm_keeps_the_sign():
    x = np.array([[-np.e + 1], [0.0], [np.e - 1], [7.0]], np.float32)
    assert values(["LogTransform"], x).ravel().tolist() == pytest.approx([-1, 0, 1])


def test_steps_follow_each_other_in_order():
    got = values(["LogTransform", {"kind": "MinMaxScaler", "low": 0.0, "high": 10.0}], FLOATS)
    assert got[:, 0].tolist() == pytest.approx([0, 10 * np.log(3) / np.log(5), 10], rel=1e-5)


def test_a_feature_that_only_the_test_part_changes_is_not_blown_up():
    # Of three columns, 0 is the training part's only value, 0.1 nearly so, and most values of the last are 0.
    train = [[0.0, 0.1, 0.0], [0.0, 0.1, 0.0], [0.0, np.nextafter(np.float32(0.1), 1), 0.0], [0.0, 0.1, 3.0]]
    x = np.array([*train, [0.0, 0.1, 0.0], [1.0, 0.7, 6.0]], np.float32)
    part = Part.whole({"input": x}, np.zeros(6)).take(np.arange(5))

    def test_row(step):
        chosen = ExperimentSpec.from_dict({"preprocessing": [step]}).preprocessing
        return apply_value_ops(x[5:], fit_value_ops(part, "input", chosen))[0].tolist()

    # 0, 0, 0, 3, 0: mean 0.6, deviation 1.2.
    assert test_row("Normalization") == pytest.approx([0, 0, 4.5])
    assert test_row("MinMaxScaler") == pytest.approx([0, 0, 2])
    assert test_row("RobustScaler") == pytest.approx([1, 0.6, 6])


def test_a_feature_that_never_changes_becomes_zero_and_not_infinite():
    x = np.full((4, 1), 5.0, np.float32)
    for step in ("Normalization", "RobustScaler", "MinMaxScaler"):
        assert values([step], x).ravel().tolist() == [0.0, 0.0, 0.0]
