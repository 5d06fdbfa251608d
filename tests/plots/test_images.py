import numpy as np
import pytest

from dlcore.plots.images import tile, tile_pairs


def grey(*values: int) -> np.ndarray:
    """Images of 1 × 2 pixels: the value, then black."""
    return np.array([[[[value], [0]]] for value in values], np.uint8)


def test_pixels_are_enlarged_and_gaps_are_see_through():
    sheet = tile(grey(7, 9), columns=2, scale=2, gap=1)
    assert sheet.shape == (2, 9, 4)
    assert sheet[0, :, 0].tolist() == [7, 7, 0, 0, 0, 9, 9, 0, 0]
    assert sheet[1, :, 3].tolist() == [255, 255, 255, 255, 0, 255, 255, 255, 255]


def test_a_row_that_is_full_goes_on_below():
    sheet = tile(grey(1, 2, 3), columns=2, gap=0)
    assert sheet[..., 0].tolist() == [[1, 0, 2, 0], [3, 0, 0, 0]]
    assert sheet[..., 3].tolist() == [[255] * 4, [255, 255, 0, 0]]


def test_few_images_make_a_sheet_as_wide_as_many():
    assert tile(grey(1), columns=5).shape == tile(grey(*range(5)), columns=5).shape
    assert not tile(grey(1)[:0], columns=5).any()


def test_colours_and_transparency_are_kept():
    red = np.array([[[[255, 0, 0]]]], np.uint8)
    assert tile(red, columns=1).tolist() == [[[255, 0, 0, 255]]]
    half = np.array([[[[1, 2, 3, 128]]]], np.uint8)
    assert tile(half, columns=1).tolist() == [[[1, 2, 3, 128]]]


@pytest.mark.parametrize(("columns", "scale", "gap"), [(0, 1, 1), (1, 0, 1), (1, 1, -1)])
def test_a_sheet_without_extent_is_refused(columns, scale, gap):
    with pytest.raises(ValueError, match="at least 1"):
        tile(grey(1), columns=columns, scale=scale, gap=gap)


def test_an_unknown_number_of_channels_is_refused():
    with pytest.raises(ValueError, match="not 2"):
        tile(np.zeros((1, 2, 2, 2), np.uint8), columns=1)


def test_what_became_of_a_sample_stands_right_of_it_behind_a_wider_gap():
    after = np.stack([grey(8, 9, 10), grey(18, 19, 20)])
    sheet = tile_pairs(grey(7, 17), after, width=1)
    # Two pixels of each image, 8 see-through ones, then three images two pixels apart; rows likewise.
    assert sheet.shape == (4, 2 + 8 + 3 * 2 + 2 * 2, 4)
    assert sheet[0, [0, 10, 14, 18], 0].tolist() == [7, 8, 9, 10]
    assert sheet[3, [0, 10, 14, 18], 0].tolist() == [17, 18, 19, 20]
    assert not sheet[0, 2:10, 3].any()


def test_a_preview_is_enlarged_by_whole_pixels_until_it_is_wide_enough():
    after = grey(1, 2)[None]
    assert tile_pairs(grey(0), after, width=6).shape[0] == 1
    assert tile_pairs(grey(0), after, width=7).shape[0] == 2
