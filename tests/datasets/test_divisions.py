import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dlcore.datasets import split, subset

LABELS = hnp.arrays(np.int64, st.integers(0, 200), elements=st.integers(0, 12))
FRACTIONS = st.floats(0, 1, allow_nan=False)
SEEDS = st.integers(0, 2**31 - 1)


def test_a_tenth_of_two_unequal_classes_is_a_tenth_of_each():
    labels = [0] * 30 + [1] * 70
    parts = split(labels, 0.1, seed=1)
    assert np.bincount(np.take(labels, parts.validation)).tolist() == [3, 7]
    assert np.bincount(np.take(labels, parts.train)).tolist() == [27, 63]


def test_nothing_is_held_back_at_zero():
    parts = split([2, 0, 1], 0, seed=0)
    assert parts.train.tolist() == [0, 1, 2] and parts.validation.tolist() == []


def test_the_same_seed_gives_the_same_split_and_another_another():
    labels = np.arange(1000) % 10
    assert split(labels, 0.2, seed=5).validation.tolist() == split(labels, 0.2, seed=5).validation.tolist()
    assert split(labels, 0.2, seed=5).validation.tolist() != split(labels, 0.2, seed=6).validation.tolist()


def test_this_seed_gives_this_split_for_ever():
    assert split([0, 1] * 5, 0.4, seed=7).validation.tolist() == [0, 1, 3, 4]


def test_a_class_of_one_stays_in_training_and_a_class_of_two_is_in_both():
    labels = np.array([0] * 50 + [1] * 1 + [2] * 2)
    for seed in range(20):
        parts = split(labels, 0.1, seed=seed)
        assert np.bincount(labels[parts.validation], minlength=3).tolist() == [4, 0, 1]


def test_a_part_too_small_for_every_class_still_has_its_size():
    assert len(split(np.arange(100) // 2, 0.1, seed=0).validation) == 10


def test_a_fraction_out_of_range_is_an_error():
    with pytest.raises(ValueError, match="from 0 to 1"):
        split([0, 1], 1.5, seed=0)


@given(LABELS, FRACTIONS, SEEDS)
def test_each_sample_is_in_one_part_and_the_sizes_are_exact(labels, fraction, seed):
    parts = split(labels, fraction, seed=seed)
    assert np.union1d(parts.train, parts.validation).tolist() == list(range(len(labels)))
    assert len(parts.train) + len(parts.validation) == len(labels)
    assert len(parts.validation) == round(len(labels) * fraction)


@given(LABELS, FRACTIONS, SEEDS)
def test_every_class_is_near_its_share(labels, fraction, seed):
    parts = split(labels, fraction, seed=seed)
    held = np.bincount(labels[parts.validation], minlength=13)
    counts = np.bincount(labels, minlength=13)
    room = len(labels) - np.count_nonzero(counts)
    if len(parts.validation) <= room:
        assert all(held[counts > 0] < counts[counts > 0])
    # Bounds (one at least, one left) may move a class off its share by one for each other class.
    assert np.abs(held - counts * fraction).max(initial=0) <= np.count_nonzero(counts) + 1


@given(LABELS, st.integers(1, 250), SEEDS)
def test_a_subset_has_its_size_and_every_class_that_fits(labels, count, seed):
    chosen = subset(labels, count, seed=seed)
    assert len(chosen) == len(set(chosen.tolist())) == min(count, len(labels))
    assert chosen.tolist() == sorted(chosen.tolist())
    if count >= len(np.unique(labels)):
        assert set(labels[chosen]) == set(labels)


def test_a_subset_keeps_the_proportions():
    labels = np.array([0] * 600 + [1] * 300 + [2] * 100)
    assert np.bincount(labels[subset(labels, 50, seed=3)]).tolist() == [30, 15, 5]


def test_a_subset_larger_than_the_data_is_all_of_it():
    assert subset([1, 1, 0], 7, seed=0).tolist() == [0, 1, 2]
