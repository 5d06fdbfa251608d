"""Drawings become pictures as those of MNIST: the longer side 20 of 28 pixels, the mass in the middle."""

import dataclasses

import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.datasets.drawing import drawn_pixels
from dlcore.datasets.drawing_style import DrawingStyle, style_of
from dlcore.errors import DatasetError
from tests.datasets.makers import png

GROUND = (20, 23, 43)
MNIST = DrawingStyle()


@pytest.fixture
def mnist(settings):
    return facts("mnist", settings)


def sheet(*strokes, side=272):
    """A sheet with white rectangles: each its first and last row and column."""
    pixels = np.full((side, side, 3), GROUND, np.uint8)
    for top, bottom, left, right in strokes:
        pixels[top:bottom, left:right] = 255
    return png(pixels)


def spans(picture):
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    return rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1


def middle(picture):
    """The centre of mass, in pixels from the top and from the left."""
    mass, places = picture.astype(float), np.arange(28) + 0.5
    return (mass.sum(axis=1) * places).sum() / mass.sum(), (mass.sum(axis=0) * places).sum() / mass.sum()


@pytest.mark.parametrize(
    "stroke", [(10, 50, 10, 20), (100, 260, 200, 240), (0, 272, 0, 68)], ids=["small", "corner", "large"]
)
def test_whatever_its_size_and_place_a_stroke_fills_the_box_in_the_middle(mnist, stroke):
    picture = drawn_pixels(sheet(stroke), MNIST, mnist)

    assert picture.shape == (28, 28) and picture.dtype == np.uint8
    assert spans(picture) == (20, 5) and picture.max() == 255
    assert middle(picture) == (pytest.approx(14, abs=0.5), pytest.approx(14, abs=0.5))


def test_a_wide_drawing_is_as_wide_as_the_box(mnist):
    assert spans(drawn_pixels(sheet((100, 140, 20, 220)), MNIST, mnist)) == (4, 20)


def test_the_mass_and_not_the_box_is_in_the_middle(mnist):
    """As a 7: most of the ink is at the top."""
    picture = drawn_pixels(sheet((50, 80, 100, 200), (80, 150, 170, 200)), MNIST, mnist)
    rows = np.flatnonzero(picture.any(axis=1))

    assert middle(picture)[0] == pytest.approx(14, abs=0.5)
    assert rows[0] > 4 and rows[-1] > 23


def test_all_of_it_stays_in_the_picture_where_the_box_fills_it(mnist):
    picture = drawn_pixels(sheet((50, 80, 100, 200), (80, 150, 170, 200)), DrawingStyle(box=1.0), mnist)

    assert spans(picture) == (28, 28)


def test_dark_ink_on_light_paper_where_the_dataset_has_it(mnist):
    dark = drawn_pixels(sheet((10, 50, 10, 20)), DrawingStyle(dark_on_light=True), mnist)

    np.testing.assert_array_equal(dark, 255 - drawn_pixels(sheet((10, 50, 10, 20)), MNIST, mnist))


def test_an_empty_sheet_is_said(mnist):
    with pytest.raises(DatasetError, match="nothing is drawn"):
        drawn_pixels(sheet(), MNIST, mnist)


def test_a_sheet_that_is_no_picture_is_said(mnist):
    with pytest.raises(DatasetError, match="this is not an image"):
        drawn_pixels(b"nothing", MNIST, mnist)


def test_pictures_that_are_not_square_have_room_for_it_too(mnist):
    narrow = dataclasses.replace(mnist, input_shape=(20, 12, 1))
    picture = drawn_pixels(sheet((10, 250, 100, 130)), DrawingStyle(box=1.0), narrow)

    assert picture.shape == (20, 12) and spans(picture)[0] == 12


def test_the_style_of_pictures_without_any_ink_is_that_of_mnist():
    assert style_of(np.zeros((3, 8, 8, 1), np.uint8)) == DrawingStyle()
