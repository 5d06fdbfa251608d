"""Explanations as figures: what is marked, and how strongly."""

import numpy as np
import pytest

from dlcore.plots.explained import explanation_figure
from dlcore.plots.explanations import (
    LOWERS,
    MOST_BARS,
    RAISES,
    bars_figure,
    bars_info,
    overlay,
    picture_info,
    resized,
    spectrogram_figure,
    spectrogram_info,
    word_strengths,
)
from dlcore.records.explanation_methods import Form
from dlcore.records.explanations import ATTRIBUTION, SAMPLE, Explanation


def explanation(form, labels=(), values=()):
    return Explanation(
        "occlusion", form, "test", 7, "cat", 2.0, 0.88, True, "cat", "dog", tuple(labels), tuple(values)
    )


def test_a_coarse_map_is_spread_over_the_picture_and_its_strongest_place_is_one():
    info = picture_info(np.full((4, 4, 1), 100, np.uint8), np.array([[0.0, 0.0], [0.0, -2.0]]))
    assert info.picture.shape == (4, 4, 3) and info.picture.max() == 100
    assert info.heat[3, 3] == -1 and info.most == 2 and info.heat[0, 0] == 0


def test_a_large_picture_is_made_smaller_by_means():
    picture = np.zeros((200, 100, 3), np.uint8)
    picture[:, 50:] = 200
    info = picture_info(picture, np.ones((5, 5)), side=20)
    assert info.picture.shape == (20, 10, 3)
    assert info.picture[0, :, 0].tolist() == [0] * 5 + [200] * 5
    assert resized(np.array([[0.0, 2.0, 4.0, 6.0]]), (1, 2)).tolist() == [[1.0, 5.0]]


def test_what_did_nothing_is_grey_and_what_raised_the_answer_orange():
    info = picture_info(np.full((1, 3, 3), 100, np.uint8), np.array([[0.0, 1.0, -1.0]]))
    # Four fifths of (213, 94, 0) and of (0, 114, 178) over a fifth of grey.
    assert overlay(info)[0].tolist() == [[100, 100, 100], [190, 95, 20], [20, 111, 162]]


def test_a_spectrogram_has_its_time_from_left_to_right_and_high_bands_on_top():
    sample = np.zeros((3, 2), np.float32)
    sample[2, 1] = 1  # last frame, upper band
    info = spectrogram_info(sample, sample)
    assert info.picture[..., 0].tolist() == [[0, 0, 255], [0, 0, 0]]
    assert info.heat.tolist() == [[0, 0, 1], [0, 0, 0]]


def test_the_axes_of_a_spectrogram_are_seconds_and_bands():
    sample = np.zeros((5, 4), np.float32)
    sample[4, 3] = 1
    info = spectrogram_info(sample, sample)
    drawn = spectrogram_figure(info, bands=4, seconds=0.5)
    for picture in drawn.data:
        # The middle of the first of five frames of a tenth of a second; the lowest band first.
        assert (picture.x0, picture.dx, picture.y0, picture.dy) == (0.05, 0.1, 0, 1)
    assert drawn.data[0].z[3][4].tolist() == [255, 255, 255]
    assert list(drawn.layout.xaxis.range) == [0, 0.5] and drawn.layout.xaxis.title.text == "Seconds"
    assert spectrogram_figure(info, bands=4, seconds=0).layout.xaxis.title.text == "Frame"


def test_a_long_spectrogram_keeps_its_bands():
    sample = np.zeros((500, 40), np.float32)
    assert spectrogram_info(sample, sample).picture.shape == (40, 500, 3)


def test_blanks_have_a_name_among_the_bars():
    drawn = explanation_figure(explanation(Form.WORDS, ["so ", " "]), {ATTRIBUTION: np.array([2.0, 1.0])})
    assert list(drawn.layout.yaxis.ticktext) == ["so", "␣"]


def test_the_strongest_come_first_and_the_rest_is_one_bar():
    values = np.array([0.5, -3.0, *[0.1] * MOST_BARS])
    names = ["a", "b", *[f"n{number}" for number in range(MOST_BARS)]]
    info = bars_info(names, values)
    assert (info.names[:2], info.values[:2], info.others) == (("b", "a"), (-3.0, 0.5), 2)
    assert info.rest == pytest.approx(0.2)
    bars = bars_figure(info).data[0]
    assert len(bars.x) == MOST_BARS + 1 and list(bars.marker.color[:2]) == [LOWERS, RAISES]


def test_a_word_that_comes_twice_has_two_bars_and_markup_is_text():
    drawn = bars_figure(bars_info(["<b>", "<b>"], np.array([1.0, 0.5])))
    assert list(drawn.layout.yaxis.ticktext) == ["&lt;b&gt;", "&lt;b&gt; (2)"]


def test_words_are_marked_by_their_share_of_the_strongest():
    assert word_strengths(np.array([2.0, -1.0, 0.4, 0.2, 0.0])) == (2, -2, 1, 0, 0)
    assert word_strengths(np.zeros(2)) == (0, 0)


@pytest.mark.parametrize(
    ("form", "labels", "sample", "attribution", "traces"),
    [
        (Form.PICTURE, (), np.zeros((8, 8, 1), np.uint8), np.ones((4, 4)), ["image", "image"]),
        (Form.SPECTROGRAM, (), np.zeros((8, 6), np.float32), np.ones((4, 4)), ["image", "image"]),
        (Form.WORDS, ("a", "b"), None, np.array([1.0, -1.0]), ["bar"]),
        (Form.COLUMNS, ("a", "b"), None, np.array([1.0, -1.0]), ["bar"]),
        (Form.STEPS, ("a", "b"), np.zeros((5, 2), np.float32), np.ones((5, 2)), ["scatter", "heatmap"]),
    ],
)
def test_each_form_has_its_figure(form, labels, sample, attribution, traces):
    arrays = {ATTRIBUTION: attribution, **({} if sample is None else {SAMPLE: sample})}
    drawn = explanation_figure(explanation(form, labels), arrays)
    assert [trace.type for trace in drawn.data] == traces and drawn.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_an_explanation_survives_json():
    found = explanation(Form.COLUMNS, ["age"], ["42"])
    assert Explanation.from_dict(found.to_dict()) == found
