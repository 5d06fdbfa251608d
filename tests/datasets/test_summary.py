import dataclasses

import numpy as np
import pytest

from dlcore.datasets import open_arrays
from dlcore.datasets.summary import sample_grid, statistics

from .fixtures import settings_in


@pytest.fixture
def digits(tmp_path):
    return open_arrays("digits", settings_in(tmp_path))


def two_pixels(data, values):
    """A dataset of images of one colour pixel each, in the place of `data`."""
    pixels = np.array(values, np.uint8).reshape(-1, 1, 1, 2)
    labels = np.arange(len(pixels)) % 2
    facts = dataclasses.replace(data.facts, classes=("a", "b"))
    return dataclasses.replace(
        data, facts=facts, x_train=pixels, y_train=labels, x_test=pixels[:1], y_test=labels[:1]
    )


def test_statistics_are_those_of_a_calculation_by_hand(digits):
    result = statistics(two_pixels(digits, [[0, 10], [4, 10], [8, 255]]))
    assert result.train_counts == (2, 1) and result.test_counts == (1, 0)
    assert result.images == 3
    assert result.mean == pytest.approx((4, 275 / 3))
    assert result.std == pytest.approx((np.sqrt(32 / 3), np.std([10, 10, 255])))
    assert result.low == (0, 10) and result.high == (8, 255)
    assert [row[:2] + row[-1:] for row in result.histogram] == [(2, 1, 0), (0, 2, 1)]
    assert result.zero_share == pytest.approx(1 / 6)
    assert result.bytes == 6 + 24 + 2 + 8


def test_statistics_are_kept_beside_the_prepared_arrays(digits):
    first = statistics(digits)
    broken = dataclasses.replace(digits, x_train=np.zeros((0, 8, 8, 1), np.uint8))
    assert statistics(broken) == first
    assert sum(map(sum, first.histogram)) == 1438 * 64


def test_at_most_ten_thousand_images_are_looked_at(digits):
    many = two_pixels(digits, np.zeros((25_000, 2)))
    assert statistics(many).images == 10_000


def test_the_grid_shows_images_of_the_class_it_names(digits):
    grid = sample_grid(digits, 3, seed=1)
    assert list(grid) == list(range(10))
    assert all(images.shape == (3, 8, 8, 1) for images in grid.values())
    of_seven = {image.tobytes() for image in digits.x_train[digits.y_train == 7]}
    assert {image.tobytes() for image in grid[7]} <= of_seven


def test_another_seed_shows_other_images_and_the_same_the_same(digits):
    first, again, other = (sample_grid(digits, 5, seed=seed)[0].tobytes() for seed in (1, 1, 2))
    assert first == again != other


def test_a_class_with_few_images_shows_those_it_has(digits):
    grid = sample_grid(two_pixels(digits, [[1, 1], [2, 2], [3, 3]]), 5)
    assert {label: len(images) for label, images in grid.items()} == {0: 2, 1: 1}
