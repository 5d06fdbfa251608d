"""How unlike samples are: by hand where that is possible, and the file of it."""

import numpy as np
import pytest

from dlcore.analysis.unlike import SHRINKAGE, Familiar, energy, joint_limits
from dlcore.records.unlike import Unlikeness


def test_the_energy_of_two_classes_is_that_of_their_logits_0_and_z():
    np.testing.assert_allclose(energy(np.array([[2.0]])), -np.log(1 + np.exp(2.0)))
    assert np.isfinite(energy(np.array([[1000.0, 0.0]]))).all()


def known(spread=1.0, samples=4_000):
    """Two classes around (0, 0) and (10, 0), with a deviation of `spread` to the side and 1 up."""
    rng = np.random.default_rng(0)
    labels = np.arange(samples) % 2
    points = rng.normal(0, [spread, 1.0], (samples, 2)) + np.stack([10.0 * labels, 0 * labels], axis=1)
    return points, labels


def test_the_distance_is_that_from_the_nearest_class_in_its_deviations():
    points, labels = known(spread=2.0)
    familiar = Familiar.fit(points, labels, points, None)
    # Shrinkage draws both variances, 4 and 1, towards 2.5.
    side, up = (np.sqrt((1 - SHRINKAGE) * one + SHRINKAGE * 2.5) for one in (4.0, 1.0))
    found = familiar.distances(np.array([[0.0, 0.0], [14.0, 0.0], [0.0, 4.0]]))
    np.testing.assert_allclose(found, [0, 4 / side, 4 / up], atol=0.15)


def test_of_the_validation_part_five_in_a_hundred_are_called_unlike_by_both_measures_together():
    points, labels = known()
    logits = np.stack([-points[:, 0], points[:, 0] - 10], axis=1)
    held, their_logits = points[2_000:], logits[2_000:]
    familiar = Familiar.fit(points[:2_000], labels[:2_000], held, their_logits)
    pairs = zip(held[:, None], their_logits[:, None], strict=True)
    called = [familiar.judge(one, its_logits).is_unlike for one, its_logits in pairs]
    assert np.mean(called) == pytest.approx(0.05, abs=0.001)
    # Each has as many above its limit; only few are above both.
    far, high = familiar.distances(held) > familiar.limits[0], energy(their_logits) > familiar.limits[1]
    assert far.sum() == high.sum() and 0.025 <= far.mean() < 0.05
    alone = Familiar.fit(points[:2_000], labels[:2_000], held, None)
    assert (alone.distances(held) > alone.limits[0]).mean() == pytest.approx(0.05, abs=0.001)


def test_limits_leave_the_share_also_where_measures_agree_or_samples_are_few_or_equal():
    line = np.arange(100.0)
    assert joint_limits([line, line], 0.95).tolist() == [94, 94]
    assert joint_limits([line], 0.95).tolist() == [94]
    assert joint_limits([np.zeros(5)], 0.95).tolist() == [0]
    assert joint_limits([np.array([1.0, 2.0])], 0.95).tolist() == [2]


def test_what_is_far_from_all_classes_is_unlike_and_a_usual_sample_is_not():
    points, labels = known()
    familiar = Familiar.fit(points, labels, points, np.stack([-points[:, 0], points[:, 0] - 10], axis=1))
    assert familiar.judge(np.array([[0.1, 30.0]]), np.array([[0.1, -9.9]])).is_unlike
    assert not familiar.judge(np.array([[0.5, 0.1]]), np.array([[0.5, -9.5]])).is_unlike
    without = Familiar.fit(points, labels, points, None).judge(np.array([[0.1, 30.0]]), np.array([[1.0]]))
    assert without.energy is None and without.is_unlike


def test_it_survives_its_file_and_arrays_that_make_no_sense_are_refused():
    points, labels = known(samples=100)
    familiar = Familiar.fit(points, labels, points, None)
    again = Familiar.from_arrays(familiar.to_arrays())
    np.testing.assert_array_equal(again.distances(points), familiar.distances(points))
    for changed in (
        {"columns": np.zeros(3, np.int64)},
        {"limits": np.zeros(3)},
        {"means": np.zeros(2, "<U3")},
    ):
        with pytest.raises(ValueError, match="not what is usual"):
            Familiar.from_arrays({**familiar.to_arrays(), **changed})
    found = Unlikeness(1.0, 2.0, -3.0, -4.0)
    assert Unlikeness.from_dict(found.to_dict()) == found and found.is_unlike
