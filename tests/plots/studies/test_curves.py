import math

import numpy as np

from dlcore.plots.studies import chosen_trials, curves_figure, curves_info
from tests.plots.studies.making import FAIL, PRUNED, RUNNING, study, trial


def test_of_many_trials_the_best_the_running_and_the_latest_are_chosen():
    trials = [trial(n, 1.0 - n / 1_000 if n < 100 else 2.0) for n in range(300)]
    trials[50] = trial(50, state=RUNNING)
    trials[299] = trial(299, state=RUNNING)

    chosen = chosen_trials(trials, study(), most=9)

    # Three of the best, both that run, and the latest for the rest.
    assert chosen == [50, 97, 98, 99, 295, 296, 297, 298, 299]


def test_bad_and_infeasible_trials_are_not_chosen_as_the_best():
    trials = [
        trial(0, 0.1, bad=True),
        trial(1, 0.2, violation=1.0),
        trial(2, 0.3),
        trial(3, 0.9),
        trial(4, 0.9),
    ]
    assert chosen_trials(trials, study(), most=3) == [2, 3, 4]


def test_a_trial_that_never_ran_has_no_curve():
    waiting = trial(1, state=RUNNING).__class__(**{**vars(trial(1, state=RUNNING)), "run_id": ""})
    assert chosen_trials([trial(0, 0.5), waiting], study()) == [0]
    assert chosen_trials([], study()) == []


def test_the_best_of_the_curves_is_known_and_where_each_ends():
    trials = [trial(0, 0.3), trial(1, 0.9, state=PRUNED), trial(2, state=RUNNING), trial(3, 0.1, bad=True)]
    curves = {
        0: ([1, 2], [0.5, 0.3]),
        1: ([1, 2], [0.9, math.nan]),
        2: ([], []),
        3: ([1], [0.1]),
        99: ([1], [0.0]),
    }

    info = curves_info(curves, trials, study())

    assert info.best == 0
    assert [(curve.number, curve.last) for curve in info.curves] == [
        (0, (2.0, 0.3)),
        (1, (1.0, 0.9)),
        (3, (1.0, 0.1)),
    ]


def test_long_curves_are_thinned_without_losing_their_peaks():
    y = np.zeros(10_000)
    y[5_000] = 7.0
    info = curves_info({0: (np.arange(10_000), y)}, [trial(0, 0.0)], study())
    assert len(info.curves[0].x) <= 400
    assert max(info.curves[0].y) == 7.0


def test_curves_are_drawn_by_state_with_the_ends_of_those_given_up():
    trials = [
        trial(0, 0.3),
        trial(1, 0.9, state=PRUNED),
        trial(2, state=RUNNING),
        trial(3, state=FAIL),
        trial(4, 0.4),
    ]
    curves = {n: ([1, 2], [0.9, 0.5]) for n in range(5)}

    drawn = curves_figure(curves_info(curves, trials, study()), x_title="Epoch", y_title="Loss")

    assert [trace.name for trace in drawn.data] == [
        "Pruned",
        "Failed",
        "Complete",
        "Running",
        "Best trial",
        "Pruned",
        "Failed",
    ]
    assert drawn.data[0].line.dash == "dot"
    assert drawn.data[4].customdata.tolist() == [[0], [0]]
    assert drawn.data[5].customdata.tolist() == [[1]]


def test_a_curve_of_one_point_is_a_dot_and_any_other_a_line():
    curves = {0: ([1], [0.5]), 1: ([1, 2], [0.5, 0.4])}
    drawn = curves_figure(
        curves_info(curves, [trial(0, 0.5), trial(1, 0.4)], study()), x_title="Epoch", y_title="Loss"
    )
    assert {len(curve.x): curve.mode for curve in drawn.data} == {1: "markers", 2: "lines"}


def test_no_curves_are_an_empty_figure():
    assert len(curves_figure(curves_info({}, [], study()), x_title="Epoch", y_title="Loss").data) == 0
