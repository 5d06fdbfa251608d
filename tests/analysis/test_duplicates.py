"""Near duplicates across parts, and samples unlike all others."""

import numpy as np
import pytest

from dlcore.analysis import duplicates
from dlcore.analysis.duplicates import alike_arrays, alike_texts, equal_rows
from dlcore.analysis.outliers import neighbour_distances, reduced


def pictures(count):
    return np.random.default_rng(0).integers(0, 200, (count, 16, 16, 3)).astype(np.uint8)


def test_a_copy_in_another_part_is_found_also_where_it_is_brighter_or_a_little_noisy():
    arrays = pictures(40)
    part = np.repeat([0, 1], 20)
    arrays[25] = arrays[3]
    arrays[26] = arrays[4] // 2 + 40
    noisy = arrays[5].astype(int) + np.random.default_rng(1).integers(-3, 4, arrays[5].shape)
    arrays[27] = noisy.clip(0, 255)
    found = alike_arrays(lambda places: arrays[places], part)
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [
        (25, 3),
        (26, 4),
        (27, 5),
    ]
    assert found.likeness[0] == pytest.approx(1)
    assert found.compared == 40


def test_copies_within_one_part_are_none():
    arrays = pictures(20)
    arrays[1] = arrays[0]
    assert len(alike_arrays(lambda places: arrays[places], np.repeat([0, 1], 10)).first) == 0
    assert len(alike_arrays(lambda places: arrays[places], np.zeros(20, np.int64)).first) == 0


def test_plain_pictures_are_like_nothing():
    arrays = np.zeros((4, 8, 8, 1), np.uint8)
    assert len(alike_arrays(lambda places: arrays[places], np.array([0, 0, 1, 1])).first) == 0


def test_what_only_its_thumbnail_has_in_common_is_no_duplicate():
    generator = np.random.default_rng(0)
    coarse = np.kron(generator.integers(60, 190, (8, 8)), np.ones((8, 8)))
    arrays = np.stack([coarse + generator.normal(0, 25, coarse.shape) for _ in range(2)])[..., None]
    assert len(alike_arrays(lambda places: arrays[places], np.array([0, 1])).first) == 0


def test_of_very_many_samples_some_are_compared_and_it_is_said(monkeypatch):
    monkeypatch.setattr(duplicates, "MOST_PAIRS", 100)
    arrays = pictures(40)
    assert alike_arrays(lambda places: arrays[places], np.repeat([0, 1], 20)).compared == 20


def test_rows_are_equal_when_they_are_in_five_digits():
    rows = np.array([[1.0, 0.0], [1.000001, -0.0], [1.001, 0.0], [np.nan, 2.0], [np.nan, 2.0]])
    found = equal_rows(rows, np.array([0, 2, 2, 0, 1]))
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(1, 0), (4, 3)]


def test_a_text_with_one_other_word_of_many_is_nearly_the_same():
    words = np.random.default_rng(0).integers(1, 5_000, (30, 60)).astype(np.int32)
    words[20] = words[2]
    words[20, 59] = 7
    words[21, 5:] = 0
    words[22] = words[3]
    words[22, :] = 0
    found = alike_texts(words, np.repeat([0, 1], 15))
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(20, 2)]
    assert found.likeness[0] > 0.8


def test_texts_of_a_word_or_two_are_no_duplicates():
    words = np.array([[5, 0, 0, 0], [5, 0, 0, 0]], np.int32)
    assert len(alike_texts(words, np.array([0, 1])).first) == 0


def test_what_is_far_from_all_others_has_the_largest_distance():
    features = np.random.default_rng(0).normal(size=(300, 5))
    features[17] = 12
    found = neighbour_distances(features)
    assert found.argmax() == 17
    assert found[17] > 3
    assert np.median(found) == pytest.approx(1)


def test_features_that_never_change_or_are_not_finite_stop_nothing():
    features = np.random.default_rng(0).normal(size=(20, 3))
    features[:, 1] = 4
    features[2, 0] = np.nan
    found = neighbour_distances(features)
    assert np.isinf(found[2])
    assert np.isfinite(np.delete(found, 2)).all()
    assert neighbour_distances(np.ones((1, 2))).tolist() == [1]
    assert np.isfinite(neighbour_distances(np.ones((5, 2)))).all()


def test_many_features_become_few_and_distances_stay():
    features = np.random.default_rng(0).normal(size=(50, 2_000))
    few = reduced(features)
    assert few.shape == (50, 64)
    before = np.linalg.norm(features[0] - features[1:], axis=1)
    after = np.linalg.norm(few[0] - few[1:], axis=1)
    assert np.abs(after / before - 1).mean() < 0.15
