"""Two numbers of several things against each other."""

import math

from dlcore.plots.scatter import NumberAxis, ScatterPoint, scatter_figure, scatter_info


def point(name, x, y):
    return ScatterPoint(f"id {name}", name, x, y, "#0072B2")


def test_only_what_has_both_numbers_is_a_point():
    points = [point("a", 1.0, 0.5), point("b", None, 0.6), point("c", 2.0, math.nan), point("d", 4.0, 0.7)]
    info = scatter_info(points, NumberAxis("seconds"), NumberAxis("accuracy", is_share=True))
    assert [one.name for one in info.points] == ["a", "d"]
    assert info.missing == 2
    assert (info.x, info.y) == (NumberAxis("seconds"), NumberAxis("accuracy", is_share=True))


def test_an_axis_over_orders_of_magnitude_is_logarithmic():
    points = [point("a", 1e-4, 0.001), point("b", 1e-2, 0.9)]
    info = scatter_info(points, NumberAxis("rate"), NumberAxis("accuracy", is_share=True))
    assert (info.x.is_log, info.y.is_log) == (True, False)
    info = scatter_info([*points, point("c", 0.0, 1.0)], NumberAxis("rate"), NumberAxis("accuracy"))
    assert (info.x.is_log, info.y.is_log) == (False, True)
    assert not scatter_info([], NumberAxis("rate"), NumberAxis("accuracy")).x.is_log


def test_a_point_has_its_name_at_the_pointer_and_its_id_for_a_click():
    info = scatter_info([point("<b>", 1.0, 0.5)], NumberAxis("{x}"), NumberAxis("y", is_share=True))
    drawn = scatter_figure(info)
    (trace,) = drawn.data
    assert (trace.customdata[0], trace.text[0]) == ("id <b>", "&lt;b&gt;")
    assert trace.hovertemplate == "<b>%{text}</b><br>&#123;x&#125;: %{x:.5g}<br>y: %{y:.2%}<extra></extra>"
    assert drawn.layout.yaxis.tickformat == ".2~%"
