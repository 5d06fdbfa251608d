import math

import numpy as np

from dlcore.plots.studies import Goal, Marks, goal_of, history_figure, history_info
from tests.plots.studies.making import ACCURACY, FAIL, LOSS, PRUNED, RUNNING, study, trial


def test_trials_stand_in_groups_by_what_became_of_them():
    trials = [
        trial(0, 0.9),
        trial(1, 0.95, state=PRUNED),
        trial(2, state=PRUNED),
        trial(3, state=FAIL),
        trial(4, 0.1, violation=2.0),
        trial(5, 0.2, bad=True),
        trial(6, 0.5),
        trial(7, 0.7),
        trial(8, state=RUNNING),
    ]

    info = history_info(trials, LOSS, target=0.4)

    assert info.counting == Marks((0, 6, 7), (0.0, 6.0, 7.0), (0.9, 0.5, 0.7))
    assert info.pruned == Marks((1,), (1.0,), (0.95,))
    assert info.without == Marks((2,), (2.0,))
    assert info.failed == Marks((3,), (3.0,))
    assert info.beyond == Marks((4,), (4.0,), (0.1,))
    assert info.bad == Marks((5,), (5.0,), (0.2,))
    # Neither trial 4 nor 5 can be the best; the line goes on to the last complete trial.
    assert info.best == Marks((0, 6, 6), (0.0, 6.0, 7.0), (0.9, 0.5, 0.5))
    assert (info.target, info.left_out) == (0.4, 0)


def test_of_what_shall_be_large_the_largest_is_the_best():
    info = history_info([trial(0, 0.5), trial(1, 0.8), trial(2, 0.6)], ACCURACY)
    assert info.best == Marks((0, 1, 1), (0.0, 1.0, 2.0), (0.5, 0.8, 0.8))


def test_each_objective_has_a_history_of_its_own():
    both = study(("val_loss", "parameters"), ("minimize", "maximize"))
    trials = [trial(0, 0.5, 10.0), trial(1, 0.4, 30.0), trial(2, 0.3, 20.0)]

    assert history_info(trials, goal_of(both, 0)).best.numbers == (0, 1, 2)
    assert history_info(trials, goal_of(both, 1)).best == Marks(
        (0, 1, 1), (0.0, 1.0, 2.0), (10.0, 30.0, 30.0)
    )


def test_what_was_measured_besides_has_a_history_too():
    trials = [trial(0, 0.5, measured={"seconds": 3.0}), trial(1, 0.4)]
    info = history_info(trials, Goal("Seconds", "minimize", measured="seconds"))
    assert info.counting == Marks((0,), (0.0,), (3.0,))
    assert info.left_out == 1


def test_over_time_trials_stand_where_they_ended():
    trials = [
        trial(0, 0.5, start=0, end=60),
        trial(1, 0.4, start=10, end=30),
        trial(2, state=FAIL, start=5, end=6),
    ]

    info = history_info(trials, LOSS, by_time=True)

    assert info.counting == Marks((1, 0), (30.0, 60.0), (0.4, 0.5))
    assert info.best == Marks((1, 1), (30.0, 60.0), (0.4, 0.4))
    assert info.failed == Marks((2,), (6.0,))
    assert history_figure(info, LOSS).layout.xaxis.title.text == "Seconds since the beginning"


def test_over_time_what_ends_before_any_trial_has_started_stands_at_the_beginning():
    info = history_info([trial(0, state=FAIL, end=7), trial(1, state=FAIL)], LOSS, by_time=True)
    assert info.failed == Marks((0, 1), (0.0, 0.0))


def test_values_that_are_no_numbers_are_counted_and_left_out():
    info = history_info([trial(0, math.nan), trial(1, math.inf), trial(2, 0.5)], LOSS)
    assert info.counting.numbers == (2,)
    assert info.left_out == 2


def test_thinning_keeps_peaks_and_the_best():
    values = np.full(10_000, 0.5)
    values[[4_321, 7_777]] = [9.0, 0.1]
    info = history_info([trial(n, value) for n, value in enumerate(values)], LOSS)

    assert len(info.counting.numbers) <= 2_000
    assert {4_321, 7_777} <= set(info.counting.numbers)
    assert info.best == Marks((0, 7_777, 7_777), (0.0, 7_777.0, 9_999.0), (0.5, 0.1, 0.1))


def test_a_study_without_trials_or_with_one_is_drawn():
    assert len(history_figure(history_info([], LOSS), LOSS).data) == 0
    assert len(history_figure(history_info([trial(0, 0.5)], LOSS), LOSS).data) == 2


def test_points_carry_the_number_of_their_trial():
    drawn = history_figure(
        history_info([trial(3, 0.5), trial(8, state=FAIL)], LOSS, target=0.1), LOSS, log=True
    )
    assert {trace.name: trace.customdata.tolist() for trace in drawn.data} == {
        "Complete": [[3]],
        "Best so far": [[3]],
        "Failed": [[8]],
    }


def test_a_few_values_far_off_do_not_press_the_others_together():
    trials = [trial(n, 0.5 + n / 100) for n in range(50)] + [trial(50, 4_000.0)]
    drawn = history_figure(history_info(trials, LOSS), LOSS)
    low, high = drawn.layout.yaxis.range
    assert low < 0.5
    assert 0.99 < high < 2.0
