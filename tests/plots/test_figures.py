import math

import numpy as np
import pytest

from dlcore.plots.balance import BalanceInfo, Part, balance_figure, balance_info
from dlcore.plots.confusion import Share, confusion_figure, confusion_info
from dlcore.plots.pixels import pixels_figure, pixels_info

CHINESE = {"Class": "类别", "Images": "图像", "training": "训练", "Predicted": "预测"}


def chinese(text: str) -> str:
    return CHINESE.get(text, text)


def test_balance_shows_the_parts_that_have_samples():
    assert balance_info(["cat", "dog"], train=[30, 10], validation=[0, 0], test=[2, 6]) == BalanceInfo(
        classes=("cat", "dog"),
        parts=(Part("training", (30, 10)), Part("test", (2, 6))),
        imbalance=2.0,
        stacked=False,
    )


def test_a_class_without_samples_is_infinitely_rare():
    assert balance_info(["a", "b"], train=[4, 0]).imbalance == math.inf


def test_the_parts_of_a_hundred_classes_are_stacked():
    names = [f"class {i}" for i in range(100)]
    info = balance_info(names, train=[450] * 100, validation=[50] * 100, test=[100] * 100)
    assert info.stacked and info.imbalance == 1.0
    drawn = balance_figure(info)
    assert drawn.layout.barmode == "stack" and [len(trace.y) for trace in drawn.data] == [100, 100, 100]


def test_a_figure_speaks_the_readers_language():
    drawn = balance_figure(balance_info(["1", "2"], train=[3, 4]), translate=chinese)
    assert drawn.data[0].name == "训练"
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == ("类别", "图像")


def test_names_that_are_numbers_stay_names():
    assert balance_figure(balance_info(["1", "2"], train=[3, 4])).layout.xaxis.type == "category"


def test_pixel_shares_sum_to_one_and_stand_at_the_middle_of_their_range():
    info = pixels_info([[1, 3, 0, 0]])
    assert info.channels == ("grey",)
    assert info.centres == (31.5, 95.5, 159.5, 223.5)
    assert info.shares == ((0.25, 0.75, 0.0, 0.0),)
    assert not info.log


def test_a_background_that_outweighs_all_else_asks_for_a_logarithm():
    assert pixels_info([[9000, 10, 10, 10]]).log
    assert pixels_figure(pixels_info([[9000, 10, 10, 10]])).layout.yaxis.type == "log"


def test_a_colour_image_has_three_lines():
    drawn = pixels_figure(pixels_info([[1, 1], [2, 2], [3, 3]]))
    assert [trace.name for trace in drawn.data] == ["red", "green", "blue"]


def test_confusion_counts_are_coloured_by_their_logarithm():
    info = confusion_info([[8, 0], [1, 3]], ["cat", "dog"])
    assert info.values == ((8.0, 0.0), (1.0, 3.0))
    assert info.text == (("8", ""), ("1", "3"))
    assert info.colour[0] == (pytest.approx(math.log(9)), 0.0)


def test_the_least_of_a_matrix_without_zeros_is_not_drawn_as_none():
    trace = confusion_figure(confusion_info([[10, 11], [8, 11]], ["no", "yes"])).data[0]
    assert (trace.zmin, trace.zmax) == (0, pytest.approx(math.log(12)))


def test_confusion_shares_are_of_the_true_class():
    info = confusion_info([[999, 1, 0], [1, 3, 0], [0, 0, 0]], ["a", "b", "c"], share=Share.TRUE)
    assert info.values == ((0.999, 0.001, 0.0), (0.25, 0.75, 0.0), (0.0, 0.0, 0.0))
    assert info.text == (("100%", "<1%", ""), ("25%", "75%", ""), ("", "", ""))
    assert info.colour == info.values


def test_of_very_many_classes_those_with_the_most_mistakes_are_drawn():
    counts = np.diag(np.full(1_000, 9))
    counts[np.arange(0, 999, 5), np.arange(0, 999, 5) + 1] = 1
    info = confusion_info(counts, [str(place) for place in range(1_000)], share=Share.TRUE)
    assert len(info.classes) == 200
    assert info.classes[:4] == ("0", "1", "5", "6")

    assert info.values[0][:2] == (0.9, 0.1)
    axis = confusion_figure(info).layout.xaxis
    assert axis.title.text == "Predicted · the 200 of 1,000 classes with the most mistakes"


def test_confusion_shares_can_be_of_the_predicted_class():
    info = confusion_info([[3, 1], [1, 0]], ["a", "b"], share=Share.PREDICTED)
    assert info.values == ((0.75, 1.0), (0.25, 0.0))


def test_each_cell_that_can_be_clicked_has_a_point_row_by_row():
    info = confusion_info([[5, 2], [1, 4]], ["a", "b"])
    points = confusion_figure(info, clickable=True).data[1]
    assert list(zip(points.y, points.x, strict=True)) == [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]
    assert points.customdata[1].tolist() == [2, 2]
    assert len(confusion_figure(info).data) == 1


def test_a_matrix_of_a_hundred_classes_has_no_text_and_its_true_classes_go_down():
    names = [f"class {i}" for i in range(100)]
    info = confusion_info(np.eye(100, dtype=int).tolist(), names)
    assert info.text == ()
    drawn = confusion_figure(info, translate=chinese)
    assert drawn.layout.yaxis.autorange == "reversed"
    assert drawn.layout.xaxis.title.text == "预测"
    assert drawn.data[0].texttemplate is None


def test_figures_have_no_background_and_no_text_colour():
    layout = confusion_figure(confusion_info([[1]], ["a"])).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color is None
