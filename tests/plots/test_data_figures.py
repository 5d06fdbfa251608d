import numpy as np
import pytest

from dlcore.plots.histogram import histogram_figure, histogram_info
from dlcore.plots.lines import lines_figure, lines_info
from dlcore.plots.spectrogram import spectrogram_figure


def test_few_whole_numbers_have_a_bar_each():
    info = histogram_info([1, 2, 2, 5, np.nan])
    assert info.edges == (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)
    assert info.counts == (1, 2, 0, 0, 1)
    assert info.left_out == 1


def test_other_values_fall_into_equal_ranges():
    info = histogram_info([0.0, 0.1, 0.5, 1.0], bars=2)
    assert info.edges == (0.0, 0.5, 1.0)
    assert info.counts == (2, 2)


def test_nothing_known_is_an_empty_histogram():
    assert histogram_info([np.nan, np.inf]).counts == (0,)
    assert histogram_info([]).left_out == 0


def test_a_bar_stands_in_the_middle_of_its_range_and_is_as_wide():
    (bars,) = histogram_figure(histogram_info([0.0, 0.1, 0.5, 1.0], bars=2), title="age").data
    assert bars.x.tolist() == [0.25, 0.75]
    assert bars.width.tolist() == [0.5, 0.5]
    assert bars.y.tolist() == [2, 2]
    (whole,) = histogram_figure(histogram_info([3, 5, 5]), title="age").data
    assert (whole.x.tolist(), whole.y.tolist()) == ([3, 4, 5], [1, 0, 2])


def test_a_value_is_marked_where_it_is():
    assert histogram_figure(histogram_info([1.0, 2.0]), title="age").layout.shapes == ()
    (line,) = histogram_figure(histogram_info([1.0, 2.0]), title="age", mark=1.5).layout.shapes
    assert (line.x0, line.x1) == (1.5, 1.5)


def test_a_short_line_is_drawn_as_it_is():
    info = lines_info([1, 2, 3], {"a": [4.0, np.nan, 6.0]})
    assert info.names == ("a",)
    assert info.x[0].tolist() == [1, 2, 3]
    assert info.y[0].tolist() == pytest.approx([4, np.nan, 6], nan_ok=True)


def test_a_long_line_keeps_the_lowest_and_highest_of_each_stretch():
    y = np.zeros(1000)
    y[437], y[902] = 9.0, -3.0
    info = lines_info(np.arange(1000), {"y": y}, points=20)
    assert len(info.x[0]) <= 20
    assert (437, 9.0) in zip(info.x[0].tolist(), info.y[0].tolist(), strict=True)
    assert (902, -3.0) in zip(info.x[0].tolist(), info.y[0].tolist(), strict=True)
    assert (np.diff(info.x[0]) > 0).all()


def test_the_figures_are_drawn():
    assert len(histogram_figure(histogram_info([1, 2]), title="age").data[0].x) == 2
    assert len(lines_figure(lines_info([1, 2], {"a": [1, 2], "b": [2, 1]}), x_title="t").data) == 2
    picture = spectrogram_figure(np.arange(6.0).reshape(3, 2), seconds=1.5)
    assert picture.data[0].z.shape == (2, 3)
    assert picture.data[0].x.tolist() == [0, 0.75, 1.5]
