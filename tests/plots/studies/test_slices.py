import itertools

import pytest

from dlcore.plots.studies import Points, slice_figure, slice_info
from tests.plots.studies.making import LOSS, MOMENTUM, OPTIMIZER, RATE, SPACE, conditional, trial

TRIALS = [
    conditional(0, 0.9, rate=0.001, momentum=0.2),
    conditional(1, 0.3, rate=0.01),
    conditional(2, 0.1, rate=0.1, momentum=0.4, violation=1.0),
    trial(3, float("nan"), params={RATE: 0.05}),
]


def test_a_panel_holds_the_trials_that_have_its_parameter():
    info = slice_info(TRIALS, LOSS, SPACE, paths=[RATE, OPTIMIZER, MOMENTUM])

    rate, optimizer, momentum = info.panels
    assert (rate.axis.kind, optimizer.axis.kind, momentum.axis.kind) == ("log", "category", "linear")
    assert rate.counting == Points((0, 1), (0.001, 0.01), (0.9, 0.3))
    assert rate.aside == Points((2,), (0.1,), (0.1,))
    assert rate.best == Points((1,), (0.01,), (0.3,))
    assert optimizer.counting == Points((0, 1), (0.0, 1.0), (0.9, 0.3))
    assert momentum.counting == Points((0,), (0.2,), (0.9,))
    # The best trial has no momentum.
    assert momentum.best == Points()
    assert (rate.lacking, momentum.lacking) == (0, 1)
    assert (info.first, info.last) == (0, 2)


def test_without_paths_all_parameters_that_occur_are_shown_in_the_order_of_the_space():
    assert [panel.axis.name for panel in slice_info(TRIALS, LOSS, SPACE).panels] == [
        "learning_rate",
        "optimizer",
        "momentum",
        "filters",
    ]


def test_a_parameter_without_a_distribution_is_told_from_its_values():
    trials = [trial(0, 0.1, params={"a": 1, "b": True}), trial(1, 0.2, params={"a": 2.5, "b": "x"})]
    a, b = slice_info(trials, LOSS, {}).panels
    assert (a.axis.kind, b.axis.kind, b.axis.choices) == ("linear", "category", ("True", "x"))


def test_panels_are_drawn_beside_and_below_each_other():
    drawn = slice_figure(slice_info(TRIALS, LOSS, SPACE), LOSS, columns=3)
    assert drawn.layout.xaxis.type == "log"
    assert list(drawn.layout.xaxis2.ticktext) == ["SGD", "Adam"]
    assert drawn.layout.xaxis4.domain[0] == 0.0
    assert drawn.layout.yaxis4.domain[1] < drawn.layout.yaxis.domain[0]
    assert drawn.data[0].customdata.tolist() == [[0], [1]]


def test_panels_fill_the_figure_without_overlapping():
    layout = slice_figure(slice_info(TRIALS, LOSS, SPACE), LOSS, columns=3).layout
    (first, second, third), fourth = (layout.xaxis, layout.xaxis2, layout.xaxis3), layout.xaxis4

    assert (first.domain[0], third.domain[1], layout.yaxis.domain[1]) == pytest.approx((0, 1, 1))
    # Three equal ones with 3 % of the width between them.
    assert first.domain[1] == pytest.approx(0.94 / 3)
    assert second.domain == pytest.approx((0.94 / 3 + 0.03, 2 * 0.94 / 3 + 0.03))
    assert fourth.domain == first.domain
    # The value is named once a row.
    titles = [layout[f"yaxis{end}"].title.text for end in ("", 2, 3, 4)]
    assert titles == ["Loss", "", "", "Loss"]
    assert [layout[f"yaxis{end}"].showticklabels for end in ("", 2, 3, 4)] == [True, False, False, True]
    assert layout.yaxis4.domain[0] == 0
    upper, lower = layout.yaxis.domain, layout.yaxis4.domain
    assert upper[1] - upper[0] == pytest.approx(lower[1] - lower[0])
    assert layout.yaxis2.domain == upper


def test_one_column_stacks_the_panels():
    layout = slice_figure(slice_info(TRIALS, LOSS, SPACE), LOSS, columns=1).layout
    across = [layout[f"xaxis{end}"].domain for end in ("", 2, 3, 4)]
    below = [layout[f"yaxis{end}"].domain for end in ("", 2, 3, 4)]

    assert across == [(0, 1)] * 4
    assert all(lower[1] < upper[0] for upper, lower in itertools.pairwise(below))


def test_trials_in_one_category_lie_beside_each_other():
    trials = [conditional(n, 0.5) for n in range(50)]
    x = slice_figure(slice_info(trials, LOSS, SPACE, paths=[OPTIMIZER]), LOSS).data[0].x
    assert len(set(x.tolist())) == 50
    assert 0.7 < x.min() < x.max() < 1.3


def test_a_study_without_trials_or_with_one_is_drawn():
    assert len(slice_figure(slice_info([], LOSS, SPACE), LOSS).data) == 0
    assert len(slice_figure(slice_info([TRIALS[1]], LOSS, SPACE, paths=[RATE]), LOSS).data) == 2
