import pytest

from dlcore.plots.studies import parallel_info
from tests.plots.studies.making import FILTERS, LOSS, MOMENTUM, OPTIMIZER, RATE, SPACE, conditional, trial


def test_lines_cross_axes_of_their_own_kind():
    info = parallel_info(
        [conditional(0, 0.9, rate=0.001, momentum=0.5), conditional(4, 0.1, rate=0.1, momentum=0.9)],
        LOSS,
        SPACE,
    )

    assert info.numbers == (0, 4)
    assert info.shades == (0.0, 1.0)
    assert [axis.path for axis in info.axes] == [RATE, OPTIMIZER, MOMENTUM, FILTERS, ""]
    rate, optimizer, momentum, filters, loss = info.axes
    assert rate.positions == pytest.approx((-3.0, -1.0))
    assert rate.texts == ("0.001", "0.01", "0.1")
    assert optimizer.positions == (0.0, 0.0)
    assert (optimizer.ticks, optimizer.texts) == ((0.0, 1.0), ("SGD", "Adam"))
    assert (optimizer.low, optimizer.high) == (0.0, 1.0)
    assert momentum.positions == (0.5, 0.9)
    assert momentum.ticks == pytest.approx((0.5, 0.6, 0.7, 0.8, 0.9))
    # All alike: the axis has room on either side.
    assert (filters.low, filters.high, filters.texts) == (15.5, 16.5, ("16",))
    assert (loss.name, loss.positions) == ("Loss", (0.9, 0.1))


def test_a_line_without_a_parameter_crosses_below_all_others():
    info = parallel_info(
        [conditional(0, 0.9, momentum=0.0), conditional(1, 0.1), conditional(2, 0.5, momentum=1.0)],
        LOSS,
        SPACE,
    )
    momentum = info.axes[2]
    assert momentum.absent == pytest.approx(-0.12)
    assert momentum.positions == pytest.approx((0.0, -0.12, 1.0))
    assert momentum.texts[0] == "–"
    assert momentum.low == momentum.absent


def test_a_brush_gives_back_its_trials():
    info = parallel_info([conditional(n, n / 10, rate=10.0**-n) for n in (1, 2, 3, 4)], LOSS, SPACE)
    assert info.within(0, -3.5, -1.5) == [2, 3]


def test_only_trials_that_count_are_lines():
    trials = [
        conditional(0, 0.5),
        conditional(1, 0.1, bad=True),
        conditional(2, 0.1, violation=1.0),
        trial(3, float("nan")),
    ]
    assert parallel_info(trials, LOSS, SPACE).numbers == (0,)


def test_of_many_trials_the_best_are_kept():
    trials = [conditional(n, (n * 7_919) % 6_000) for n in range(6_000)]

    info = parallel_info(trials, LOSS, SPACE)

    assert len(info.numbers) == 2_000
    assert info.hidden == 4_000
    assert list(info.numbers) == sorted(info.numbers)
    values = {trial.number: trial.values[0] for trial in trials}
    kept = {values[number] for number in info.numbers}
    assert set(range(500)) <= kept
    assert 5_999 in kept


def test_values_far_off_stand_at_the_end_of_the_axis():
    info = parallel_info(
        [conditional(n, n / 10) for n in range(20)] + [conditional(20, 1_000.0)], LOSS, SPACE
    )
    loss = info.axes[-1]
    assert loss.high == pytest.approx(1.8)
    assert loss.positions[-1] == pytest.approx(1.8)
    assert loss.texts[-1] == "≥ 1.8"


def test_a_study_without_trials_or_with_one_is_drawn():
    assert parallel_info([], LOSS, SPACE).axes == ()
    one = parallel_info([conditional(0, 0.5)], LOSS, SPACE)
    assert [axis.name for axis in one.axes] == ["learning_rate", "optimizer", "filters", "Loss"]
