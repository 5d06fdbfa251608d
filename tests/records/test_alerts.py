"""What losses show, at the very epoch at which it shows."""

from dataclasses import replace

import numpy as np
import pytest

from dlcore.errors import Message
from dlcore.records import RunState
from dlcore.records.alerts import NOT_FINITE, TITLES, AlertKind, Sign, ending, signs
from tests.store.samples import in_state


def shown(train, validation=()):
    return signs(np.array(train, dtype=float), np.array(validation, dtype=float))


def first_epoch(train, validation=()):
    """After which epoch something shows, and what; None if nothing does."""
    for epoch in range(1, len(train) + 1):
        if found := shown(train[:epoch], validation[:epoch]):
            return epoch, *found
    return None


def test_a_run_that_learns_shows_nothing():
    train = [1 / epoch for epoch in range(1, 100)]
    assert first_epoch(train, [2 * loss for loss in train]) is None
    assert first_epoch([]) is None


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_shows_where_it_first_is_so(bad):
    assert shown([1.0, 0.9, bad, 0.8]) == (Sign(AlertKind.NAN, 3),)
    assert shown([1.0, 0.9, 0.8], [1.0, bad, bad]) == (Sign(AlertKind.NAN, 2),)


def test_divergence_shows_in_the_third_epoch_in_a_row_above_the_first():
    assert first_epoch([1.0, 0.5, 1.1, 1.2, 1.3, 1.4]) == (5, Sign(AlertKind.DIVERGENCE, 3))
    # One epoch that is as low as the first begins the count again.
    assert first_epoch([1.0, 1.1, 1.2, 1.0, 1.1, 1.2]) is None
    assert first_epoch([1.0, 1.1, 1.2, 1.3]) == (4, Sign(AlertKind.DIVERGENCE, 2))


def test_divergence_needs_no_scale_nor_a_positive_loss():
    assert first_epoch([-5.0, -4.0, -3.0, -2.0]) == (4, Sign(AlertKind.DIVERGENCE, 2))
    assert first_epoch([-5.0, -6.0, -7.0, -8.0]) is None


def test_overfitting_shows_after_five_epochs_that_are_five_percent_worse_than_the_best():
    train = [1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    validation = [1.5, 1.2, 1.0, 1.05, 1.05, 1.05, 1.05, 1.05]
    assert first_epoch(train, validation) == (8, Sign(AlertKind.OVERFITTING, 3))
    just_below = [*validation[:-1], 1.0499]
    assert first_epoch(train, just_below) is None


def test_validation_that_rises_with_training_is_not_overfitting():
    validation = [1.0, 0.9, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9]
    rising = [1.0, 0.8, 0.6, 0.7, 0.7, 0.7, 0.7, 0.7]
    assert first_epoch(rising, validation) is None
    assert first_epoch([*rising[:-1], 0.59], validation) == (8, Sign(AlertKind.OVERFITTING, 3))


def test_overfitting_is_not_told_by_a_ratio_to_a_loss_below_zero():
    train = [1.0, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01]
    assert first_epoch(train, [1.0, 0.5, -0.1, 0.5, 0.5, 0.5, 0.5, 0.5]) is None


def test_a_plateau_shows_after_more_than_ten_epochs_without_a_fall():
    train = [1.0, 0.5, *[0.5] * 11]
    assert first_epoch(train) == (13, Sign(AlertKind.PLATEAU, 2))
    # A fall of a ten-thousandth is none, one of more is.
    assert first_epoch([1.0, 0.5, *[0.49995] * 11]) == (13, Sign(AlertKind.PLATEAU, 2))
    assert first_epoch([1.0, 0.5, *[0.49994] * 11]) is None


def test_a_run_that_diverges_is_not_said_to_learn_no_more():
    assert shown([1.0, *[1.5] * 20]) == (Sign(AlertKind.DIVERGENCE, 2),)


@pytest.mark.parametrize(
    ("state", "reason", "kinds"),
    [
        ("running", None, []),
        ("stopped", Message("stopped."), []),
        ("completed", None, [Sign(AlertKind.FINISHED)]),
        ("failed", Message("its process was killed."), [Sign(AlertKind.FAILED)]),
        (
            "failed",
            Message(NOT_FINITE, params={"step": 7, "epoch": 2}),
            [Sign(AlertKind.NAN, 2), Sign(AlertKind.FAILED)],
        ),
    ],
)
def test_how_a_run_ended_is_told_by_its_state_and_its_reason(store, state, reason, kinds):
    run = in_state(store, RunState(state))
    assert list(ending(replace(run, reason=reason))) == kinds


@pytest.mark.parametrize("kind", list(AlertKind))
def test_each_kind_has_a_title_and_a_sentence(kind):
    assert TITLES[kind]
    assert Sign(kind, 7).sentence.text().endswith(".")
    assert "{" not in Sign(kind, 7).sentence.text()
