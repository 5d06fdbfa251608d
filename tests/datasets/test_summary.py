import dataclasses

import numpy as np
import pandas as pd
import pytest

from dlcore.datasets import CATALOGUE, load
from dlcore.datasets.samples import Samples, built_in_samples
from dlcore.datasets.summary import random_samples, statistics, thumbnails

from .fixtures import settings_in


@pytest.fixture
def digits(tmp_path):
    return built_in_samples(load("digits", settings_in(tmp_path), download=False))


def images_of(*images, labels=None):
    """A dataset of these images, read one by one."""
    arrays = [np.array(image, np.uint8) for image in images]
    facts = dataclasses.replace(
        CATALOGUE.get("digits").facts, input_shape=arrays[0].shape, classes=("a", "b")
    )
    targets = np.array(labels if labels is not None else [i % 2 for i in range(len(arrays))])
    frame = pd.DataFrame({"part": [""] * len(arrays)})
    return Samples(facts, frame, targets, np.arange(len(arrays)), "c0ffee", lambda row: arrays[row])


def test_statistics_are_those_of_a_calculation_by_hand(tmp_path):
    pixels = images_of([[[0, 10]]], [[[4, 10]]], [[[8, 255]]])
    result = statistics(pixels, settings_in(tmp_path))
    assert result.images == 3
    assert result.mean == pytest.approx((4, 275 / 3))
    assert result.std == pytest.approx((np.sqrt(32 / 3), np.std([10, 10, 255])))
    assert result.low == (0, 10) and result.high == (8, 255)
    assert [row[:2] + row[-1:] for row in result.histogram] == [(2, 1, 0), (0, 2, 1)]
    assert result.zero_share == pytest.approx(1 / 6)


def test_statistics_of_images_of_several_pixels_are_those_of_each_channel(tmp_path):
    # Two images of 1 × 3 pixels with three channels, of different widths.
    first = [[[0, 10, 200], [2, 10, 200], [4, 10, 200]]]
    second = [[[6, 40, 100]]]
    mixed = images_of(first, second)
    mixed = dataclasses.replace(mixed, facts=dataclasses.replace(mixed.facts, input_shape=None))
    result = statistics(mixed, settings_in(tmp_path))
    assert result.mean == pytest.approx((3, 70 / 4, 175))
    assert (result.low, result.high) == ((0, 10, 100), (6, 40, 200))


def test_statistics_are_kept_beside_what_is_prepared(digits, tmp_path):
    first = statistics(digits, settings_in(tmp_path))
    broken = dataclasses.replace(digits, rows=digits.rows[:0])
    assert statistics(broken, settings_in(tmp_path)) == first
    assert sum(map(sum, first.histogram)) == 1438 * 64


def test_some_of_a_class_are_of_that_class_and_never_for_testing(digits):
    chosen = random_samples(digits, 3, label=7, seed=1)
    assert len(chosen) == 3
    assert digits.targets[chosen].tolist() == [7, 7, 7]
    assert (chosen < 1438).all()
    assert (random_samples(digits, 5000) < 1438).all()


def test_another_seed_shows_other_samples_and_the_same_the_same(digits):
    first, again, other = (random_samples(digits, 5, label=0, seed=seed).tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_a_class_with_few_images_shows_those_it_has():
    few = images_of([[[1]]], [[[2]]], [[[3]]])
    assert {label: len(random_samples(few, 5, label=label)) for label in (0, 1)} == {0: 2, 1: 1}


def test_small_images_of_one_size_are_shown_as_they_are(digits):
    shown = thumbnails(digits, [0, 5], side=64)
    assert shown.shape == (2, 8, 8, 1)
    np.testing.assert_array_equal(shown[1], digits.read(5))


def test_an_image_just_as_large_as_the_box_stays_as_it_is():
    assert thumbnails(images_of(np.full((8, 6, 1), 90)), [0], side=8).shape == (1, 8, 6, 1)


def test_images_of_many_sizes_are_put_into_boxes_of_one():
    wide, high = np.full((10, 100, 3), 200), np.full((100, 50, 3), 100)
    shown = thumbnails(images_of(wide, high), [0, 1], side=50)
    assert shown.shape == (2, 50, 50, 3)
    # 10 × 100 becomes 5 × 50, in the middle between black borders; 100 × 50 becomes 50 × 25.
    assert shown[0, :22].max() == 0 and shown[0, 23:27].min() == 200
    assert shown[1, :, :12].max() == 0 and shown[1, :, 13:37].min() == 100


def test_images_wider_or_higher_than_the_side_are_shrunk_into_the_box_though_all_have_one_size():
    for shape, at in (((4, 80, 3), np.s_[:, 19:21]), ((80, 4, 3), np.s_[:, :, 19:21])):
        shown = thumbnails(images_of(np.full(shape, 200), np.full(shape, 100)), [0, 1], side=40)
        assert shown.shape == (2, 40, 40, 3)
        # 4 × 80 becomes 2 × 40 in the middle.
        assert [image.min() for image in shown[at]] == [200, 100]
        assert np.count_nonzero(shown[0]) == 2 * 40 * 3


def test_grey_images_are_shrunk_as_well_and_become_colours_of_equal_parts():
    (shown,) = thumbnails(images_of(np.full((60, 60, 1), 90)), [0], side=20)
    assert shown.shape == (20, 20, 3)
    assert (shown == 90).all()


def test_no_image_is_an_empty_picture_list():
    assert thumbnails(images_of([[[1]]]), [], side=20).shape == (0, 1, 1, 3)
