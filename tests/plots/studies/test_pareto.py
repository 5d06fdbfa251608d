import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.plots.studies import Goal, ParetoPoints, front_of, pareto_figure, pareto_info
from tests.plots.studies.making import LOSS, RATE, trial

SIZE = Goal("Parameters", "minimize", 1)
HIT = Goal("Accuracy", "maximize", 1)
TIME = Goal("Seconds", "minimize", 2)


def beaten_by_hand(rows):
    """Compares each row with each other, as the definition has it."""
    return [
        any(all(b <= a for a, b in zip(row, other, strict=True)) and other != row for other in rows)
        for row in rows
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda k: st.lists(st.tuples(*[st.integers(0, 6)] * k), min_size=1, max_size=60)
    )
)
def test_the_front_is_what_no_other_beats(rows):
    assert front_of(np.array(rows, float)).tolist() == [not beaten for beaten in beaten_by_hand(rows)]


def test_a_thousand_trials_have_the_same_front_as_by_hand():
    rows = np.random.default_rng(0).normal(size=(1_000, 3))
    assert front_of(rows).tolist() == [not beaten for beaten in beaten_by_hand(rows.tolist())]


def test_no_trials_have_no_front():
    assert front_of(np.empty((0, 2))).tolist() == []


def test_only_trials_that_count_are_on_the_front():
    trials = [
        trial(0, 0.5, 10.0, params={RATE: 0.01}),
        trial(1, 0.3, 20.0, params={RATE: 0.02}),
        trial(2, 0.6, 30.0),
        trial(3, 0.1, 1.0, violation=1.0),
        trial(4, 0.1, 1.0, bad=True),
        trial(5, math.nan, 1.0),
    ]

    info = pareto_info(trials, (LOSS, SIZE))

    assert info.front == ParetoPoints((1, 0), ((0.3, 20.0), (0.5, 10.0)))
    assert info.others == ParetoPoints((2,), ((0.6, 30.0),))
    assert info.beyond == ParetoPoints((3,), ((0.1, 1.0),))
    assert info.bad == ParetoPoints((4,), ((0.1, 1.0),))
    assert info.texts == ("learning_rate: 0.02", "learning_rate: 0.01")
    assert info.left_out == 1


def test_each_goal_has_its_own_direction():
    trials = [trial(0, 0.5, 0.9), trial(1, 0.3, 0.8), trial(2, 0.4, 0.7)]
    assert pareto_info(trials, (LOSS, HIT)).front.numbers == (1, 0)


def test_the_front_is_drawn_in_two_and_in_three_dimensions():
    trials = [trial(0, 0.5, 10.0, 3.0), trial(1, 0.3, 20.0, 2.0), trial(2, 0.6, 30.0, 9.0)]
    two = pareto_figure(pareto_info(trials, (LOSS, SIZE)), (LOSS, SIZE), log=(False, True))
    three = pareto_figure(pareto_info(trials, (LOSS, SIZE, TIME)), (LOSS, SIZE, TIME))
    shown = pareto_figure(pareto_info(trials, (LOSS, SIZE, TIME)), (LOSS, SIZE, TIME), axes=(2, 0))

    assert [trace.name for trace in two.data] == ["Beaten", "Pareto front"]
    assert two.data[1].customdata.tolist() == [[1, 0.3, 20.0], [0, 0.5, 10.0]]
    assert two.data[1].line.shape == "hv"
    assert (two.layout.xaxis.type, two.layout.yaxis.type) == ("linear", "log")
    assert (two.layout.xaxis.title.text, two.layout.yaxis.title.text) == ("Loss", "Parameters")
    assert three.data[0].type == "scatter3d"
    assert shown.data[1].mode == "markers"
    assert shown.layout.xaxis.title.text == "Seconds"
    # Whatever the axes are, the box tells each goal by its own value.
    assert shown.data[0].hovertemplate.startswith(
        "Trial %{customdata[0]}<br>Loss: %{customdata[1]:.5~g}<br>Parameters: %{customdata[2]:.5~g}"
        "<br>Seconds: %{customdata[3]:.5~g}"
    )


def test_a_study_without_trials_or_with_one_is_drawn():
    assert len(pareto_figure(pareto_info([], (LOSS, SIZE)), (LOSS, SIZE)).data) == 0
    assert len(pareto_figure(pareto_info([trial(0, 0.5, 1.0)], (LOSS, SIZE)), (LOSS, SIZE)).data) == 1
