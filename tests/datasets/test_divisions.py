import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dlcore.datasets import split, subset
from dlcore.datasets.clean.divisions import divide
from dlcore.design.templates import proposal
from dlcore.spec.data import ColumnRole, DataKind
from dlcore.spec.splits import Random, Stratified

from .makers import samples, stored

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


def test_no_class_is_held_back_whole_unless_the_part_is_that_large():
    # Nearest to eight tenths would be seven of the nine and the one.
    labels = np.array([0] * 9 + [1])
    assert np.bincount(labels[split(labels, 0.8, seed=0).validation], minlength=2).tolist() == [8, 0]
    # Of twice four, six leave one of each class; seven and eight cannot.
    labels = np.repeat([0, 1], 4)
    assert np.bincount(labels[split(labels, 6 / 8, seed=0).validation]).tolist() == [3, 3]
    assert [len(split(labels, count / 8, seed=0).validation) for count in (7, 8)] == [7, 8]


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


@pytest.fixture
def lopsided(tmp_path, settings):
    """A table of a hundred rows, ten of them of a rare class."""
    path = tmp_path / "t.csv"
    path.write_text("x,y\n" + "".join(f"{n}.5,{'rare' if n % 10 == 3 else 'often'}\n" for n in range(100)))
    kept = stored(path, settings, kind=DataKind.TABLE, roles={"y": ColumnRole.TARGET})
    return samples(settings), proposal(kept.facts).dataset


def rare_ones(found, part):
    return int((found.targets[part] == found.facts.classes.index("rare")).sum())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_part_of_a_stratified_division_has_its_share_of_a_rare_class(lopsided, seed):
    found, spec = lopsided
    wanted = spec.updated(split=Stratified(), test_fraction=0.2, validation_fraction=0.25, train_samples=20)
    division = divide(found, wanted, seed=seed)
    assert [len(part) for part in (division.train, division.validation, division.test)] == [20, 20, 20]
    assert [rare_ones(found, part) for part in (division.train, division.validation, division.test)] == [
        2,
        2,
        2,
    ]


def test_the_parts_of_an_experiment_stay_the_same_for_ever(lopsided):
    found, spec = lopsided
    wanted = spec.updated(split=Stratified(), test_fraction=0.2, validation_fraction=0.25, train_samples=20)
    division = divide(found, wanted, seed=5)
    labels = found.targets
    # The test part does not depend on the seed, and each part has random numbers of its own.
    tested = split(labels, 0.2, seed=0, stream=2)
    validated = split(labels[tested.train], 0.25, seed=5, stream=0)
    rest = tested.train[validated.train]
    assert division.test.tolist() == tested.validation.tolist()
    assert division.validation.tolist() == tested.train[validated.validation].tolist()
    assert division.train.tolist() == rest[subset(labels[rest], 20, seed=5)].tolist()


def test_this_seed_gives_this_subset_for_ever():
    # Two of each class, by the stream of random numbers that is for subsets.
    generator = np.random.default_rng((7, 1))
    chosen = [*generator.permutation([0, 2, 4, 6, 8])[:2], *generator.permutation([1, 3, 5, 7, 9])[:2]]
    assert subset([0, 1] * 5, 4, seed=7).tolist() == sorted(chosen)


def test_a_random_division_asks_for_no_class(lopsided):
    found, spec = lopsided
    wanted = spec.updated(split=Random(), test_fraction=0.2, validation_fraction=0)
    shares = {
        rare_ones(found, divide(found, wanted.updated(validation_fraction=0.2), seed=n).validation)
        for n in range(20)
    }
    assert len(shares) > 1


def test_the_parts_that_a_dataset_has_itself_are_left_as_they_are(lopsided):
    found, spec = lopsided
    frame = found.frame.copy()
    frame["part"] = ["test"] * 5 + ["validation"] * 7 + ["train"] * 88
    division = divide(dataclasses.replace(found, frame=frame), spec, seed=0)
    assert division.test.tolist() == list(range(5))
    assert division.validation.tolist() == list(range(5, 12))
    assert division.train.tolist() == list(range(12, 100))
