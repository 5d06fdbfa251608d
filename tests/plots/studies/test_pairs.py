import numpy as np
import pytest

from dlcore.plots.studies import contour_figure, contour_info, rank_figure, rank_info
from tests.plots.studies.making import (
    ACCURACY,
    FILTERS,
    LOSS,
    MOMENTUM,
    OPTIMIZER,
    RATE,
    SPACE,
    conditional,
    trial,
)

TRIALS = [
    conditional(0, 0.4, rate=0.001, momentum=0.2),
    conditional(1, 0.1, rate=0.01),
    conditional(2, 0.3, rate=0.1, momentum=0.4),
    conditional(3, 0.2, rate=0.1, momentum=0.6),
    conditional(4, 0.0, rate=0.1, momentum=0.9, bad=True),
    trial(5, float("nan"), params={RATE: 0.1, MOMENTUM: 0.1}),
]


def test_ranks_are_told_from_the_trials_that_count_and_have_both_parameters():
    info = rank_info(TRIALS, LOSS, SPACE, x=RATE, y=MOMENTUM)

    assert info.counting.numbers == (0, 2, 3)
    assert info.counting.x == pytest.approx((-3.0, -1.0, -1.0))
    assert info.counting.y == (0.2, 0.4, 0.6)
    assert info.counting.ranks == (0.0, 0.5, 1.0)
    assert info.aside.numbers == (4,)
    # Trial 1 is the best of all, and has no momentum.
    assert info.best.numbers == ()
    assert info.lacking == 1
    assert dict(info.ticks) == pytest.approx({0.0: 0.4, 0.25: 0.35, 0.5: 0.3, 0.75: 0.25, 1.0: 0.2})


def test_of_what_shall_be_large_the_largest_has_the_highest_rank():
    info = rank_info(TRIALS, ACCURACY, SPACE, x=RATE, y=FILTERS)
    assert info.counting.ranks == pytest.approx((1.0, 0.0, 2 / 3, 1 / 3))
    assert info.best.numbers == (0,)


def test_equal_values_have_equal_ranks():
    trials = [conditional(n, value) for n, value in enumerate((1.0, 2.0, 2.0, 3.0))]
    info = rank_info(trials, LOSS, SPACE, x=RATE, y=FILTERS)
    assert info.counting.ranks == pytest.approx((1.0, 0.5, 0.5, 0.0))


def test_the_landscape_is_the_mean_of_what_is_near():
    trials = [conditional(n, 0.2 if n % 2 else 0.4, rate=0.01, momentum=0.5) for n in range(10)]
    trials += [conditional(10 + n, 1.0, rate=0.1, momentum=0.5) for n in range(10)]

    info = contour_info(trials, LOSS, SPACE, x=RATE, y=OPTIMIZER)

    values = np.array(info.values)
    assert info.y == (0.0, 1.0)
    assert len(info.x) == 60
    # From 0.01 to 0.1 in powers of ten, with a twentieth of that on each side.
    assert (info.x[0], info.x[-1]) == pytest.approx((-2.05, -0.95))
    # Nothing is known of Adam.
    assert np.isnan(values[1]).all()
    assert values[0][0] == pytest.approx(0.3, abs=0.02)
    assert values[0][-1] == pytest.approx(1.0, abs=0.02)


def test_where_no_trial_is_near_the_landscape_is_blank():
    corner = [conditional(n, 0.5, rate=0.0001 * 1.02**n, filters=8) for n in range(30)]
    info = contour_info([*corner, conditional(30, 0.1, rate=0.1, filters=64)], LOSS, SPACE, x=RATE, y=FILTERS)
    values = np.array(info.values)
    assert np.isnan(values[30, 30])
    assert np.isfinite(values[3, 3])


def test_what_diverged_does_not_shine_far_around():
    trials = [conditional(n, 0.5 + n / 1_000, rate=10 ** (-4 + n / 20)) for n in range(60)]
    trials.append(conditional(60, 1e9, rate=0.003))
    assert np.nanmax(contour_info(trials, LOSS, SPACE, x=RATE, y=FILTERS).values) < 0.6


@pytest.mark.parametrize("y", [MOMENTUM, OPTIMIZER, FILTERS])
def test_landscapes_and_ranks_are_drawn(y):
    contour = contour_figure(contour_info(TRIALS, LOSS, SPACE, x=RATE, y=y), LOSS)
    rank = rank_figure(rank_info(TRIALS, LOSS, SPACE, x=RATE, y=y), LOSS)

    assert contour.data[0].type == ("heatmap" if y == OPTIMIZER else "contour")
    assert contour.layout.xaxis.type == rank.layout.xaxis.type == "log"
    assert rank.data[0].x.tolist()[0] == pytest.approx(0.001)
    assert rank.data[0].customdata[0].tolist() == [0.0, 0.4]


def test_many_trials_are_drawn_as_smaller_dots_than_few():
    def dots(count):
        trials = [conditional(n, 0.1, rate=0.001 * 1.01 ** (n % 50), filters=8 + n % 7) for n in range(count)]
        drawn = contour_figure(contour_info(trials, LOSS, SPACE, x=RATE, y=FILTERS), LOSS)
        return next(trace.marker.size for trace in drawn.data if trace.type == "scatter")

    assert dots(400) < dots(40)


@pytest.mark.parametrize("trials", [[], TRIALS[:1], TRIALS[1:2]])
def test_a_study_without_trials_or_with_one_is_drawn(trials):
    contour_figure(contour_info(trials, LOSS, SPACE, x=RATE, y=MOMENTUM), LOSS)
    rank_figure(rank_info(trials, LOSS, SPACE, x=RATE, y=MOMENTUM), LOSS)
