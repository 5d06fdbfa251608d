import numpy as np
import pytest

from dlcore.errors import DlcoreError
from dlcore.plots.studies import Goal, importance_figure, importance_info
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


def searched(count=200, seed=0):
    """Trials of which the learning rate decides, and the filters do nothing; half have a momentum."""
    chance = np.random.default_rng(seed)
    for number in range(count):
        exponent = chance.uniform(-4, -1)
        momentum = chance.uniform() if number % 2 else None
        yield conditional(
            number,
            abs(exponent + 2),
            rate=10**exponent,
            momentum=momentum,
            filters=int(chance.integers(8, 65)),
            measured={"seconds": 60.0 + 10 * (momentum or 0)},
        )


def test_what_decides_stands_first_and_parameters_that_only_some_trials_have_are_there():
    info = importance_info(list(searched()), LOSS, SPACE)

    assert info.paths[0] == RATE
    assert info.names[0] == "learning_rate"
    assert set(info.paths) == {RATE, OPTIMIZER, MOMENTUM, FILTERS}
    assert info.shares[0] > 0.7
    assert sum(info.shares) == pytest.approx(1.0)
    assert list(info.shares) == sorted(info.shares, reverse=True)
    assert info.trials == 200


def test_what_shall_be_large_is_turned_round():
    trials = [conditional(t.number, -t.values[0], rate=t.params[RATE]) for t in searched()]
    assert importance_info(trials, ACCURACY, SPACE).paths[0] == RATE


def test_what_was_measured_has_its_own_importance():
    info = importance_info(list(searched()), Goal("Seconds", "minimize", measured="seconds"), SPACE)
    assert info.paths[0] in (MOMENTUM, OPTIMIZER)


def test_too_few_trials_are_a_plain_message():
    with pytest.raises(DlcoreError, match="at least 20 complete trials, there are 19"):
        importance_info(list(searched(19)), LOSS, SPACE)
    with pytest.raises(DlcoreError, match="there are 0"):
        importance_info([], LOSS, SPACE)


def test_trials_that_do_not_differ_are_a_plain_message():
    with pytest.raises(DlcoreError, match="do not differ in 'Loss'"):
        importance_info([conditional(n, 0.5, rate=0.001 * (n + 1)) for n in range(30)], LOSS, SPACE)


def test_trials_that_do_not_count_decide_nothing():
    with pytest.raises(DlcoreError, match="there are 0"):
        importance_info([conditional(n, n, bad=True) for n in range(30)], LOSS, SPACE)


def test_a_parameter_of_a_single_trial_and_values_beyond_the_space_do_no_harm():
    trials = [
        *searched(40),
        conditional(40, 0.5, rate=5.0),
        trial(41, 0.3, params={RATE: 0.01, "gone": 1, OPTIMIZER: "Nadam"}),
    ]
    only = {**SPACE, "gone": SPACE[FILTERS]}
    assert "gone" not in importance_info(trials, LOSS, only).paths


def test_the_importance_is_drawn_from_the_top():
    drawn = importance_figure(importance_info(list(searched()), LOSS, SPACE))
    assert drawn.layout.yaxis.ticktext[0] == "learning_rate"
    assert drawn.data[0].customdata[0] == RATE
