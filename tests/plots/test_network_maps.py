"""Maps of samples and sheets of layers."""

import numpy as np

from dlcore.plots.network_maps import (
    MOST_CLASSES,
    groups_by_class,
    groups_by_error,
    layer_figure,
    map_figure,
    sheet_of,
    values_figure,
)

POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
ROWS = np.array([7, 9, 4])


def test_each_point_knows_its_row_and_its_class_has_a_colour():
    groups = groups_by_class(np.array([1, 0, 1]), ["<cat>", "dog"])
    drawn = map_figure(POINTS, ROWS, groups)
    assert [trace.name for trace in drawn.data] == ["&lt;cat&gt;", "dog"]
    assert [list(trace.customdata) for trace in drawn.data] == [[9], [7, 4]]
    assert [list(trace.text) for trace in drawn.data] == [["9"], ["7", "4"]]
    assert len({trace.marker.color for trace in drawn.data}) == 2


def test_of_very_many_classes_the_last_are_one_group():
    labels = np.arange(MOST_CLASSES + 3)
    groups = groups_by_class(labels, [f"c{label}" for label in labels])
    assert len(groups) == MOST_CLASSES + 1 and groups[-1].places.tolist() == [20, 21, 22]


def test_wrong_answers_are_drawn_last_so_that_they_are_seen():
    groups = groups_by_error(np.array([0, 1, 1]), np.array([0, 0, 1]))
    assert [(group.name, group.places.tolist()) for group in groups] == [("Right", [0, 2]), ("Wrong", [1])]


def test_numbers_colour_the_points():
    trace = values_figure(POINTS, ROWS, np.array([1.0, 2.0, 3.0]), "price").data[0]
    assert list(trace.marker.color) == [1, 2, 3] and trace.customdata[:, 0].tolist() == [7, 9, 4]


def test_maps_stand_beside_each_other_each_on_its_own_scale():
    maps = np.array([[[0.0, 2.0]], [[5.0, 5.0]], [[-1.0, 1.0]]])
    sheet = sheet_of(maps)
    assert np.isnan(sheet).any()
    np.testing.assert_array_equal(sheet, [[0, 1, np.nan, 0, 0], [np.nan] * 5, [0, 1, np.nan, np.nan, np.nan]])


def test_maps_of_a_sound_have_their_time_from_left_to_right_and_high_bands_on_top():
    (trace,) = layer_figure(np.array([[[1.0, 2.0], [3.0, 4.0], [5.0, 9.0]]]), of_sound=True).data
    np.testing.assert_array_equal(trace.z, [[0.125, 0.375, 1], [0, 0.25, 0.5]])


def test_each_kind_of_result_has_its_figure():
    shapes = {(2, 3, 3): "heatmap", (2, 5): "heatmap", (4, 1): "bar", (4,): "bar"}
    assert {shape: layer_figure(np.ones(shape)).data[0].type for shape in shapes} == shapes
