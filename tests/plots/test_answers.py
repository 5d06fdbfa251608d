"""The likeliest answers as bars."""

from dlcore.plots.answers import AnswerInfo, answer_figure, answer_info


def test_the_likeliest_come_first_and_the_others_are_left_out():
    info = answer_info({"a": 0.1, "b": 0.7, "c": 0.2}, ("b",), most=2)

    assert info == AnswerInfo(("b", "c"), (0.7, 0.2), (True, False))


def test_names_stay_names_and_bars_stay_in_their_order():
    figure = answer_figure(AnswerInfo(("3", "<b>"), (0.9, 0.1), (True, False)))

    (bars,) = figure.data
    assert list(bars.y) == ["3", "&lt;b&gt;"] and list(bars.text) == ["90.0%", "10.0%"]
    assert list(bars.marker.opacity) == [1.0, 0.35]
    assert figure.layout.yaxis.type == "category" and figure.layout.yaxis.autorange == "reversed"
