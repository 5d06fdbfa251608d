"""The small network of the textbook: its gradients are the change of its loss, and each penalty does what it says."""

import numpy as np
import pytest

from dlcore.analysis.learning.descent import METHODS
from dlcore.analysis.learning.perceptron import (
    Penalty,
    Recipe,
    answer,
    gradients,
    learn,
    mean_loss,
    moons,
    new_layers,
)

POINTS = moons(40, 0.2, 0)
OTHERS = moons(200, 0.2, 1)


def test_gradients_are_the_change_of_the_loss_and_its_penalty():
    layers, penalty, small = new_layers((2, 5, 4, 2), 3), Penalty(l1=0.01, l2=0.02), 1e-6

    def loss(changed):
        weights = [layer[0] for layer in changed]
        return mean_loss(changed, *POINTS) + sum(
            0.01 * np.abs(one).sum() + 0.02 * (one**2).sum() for one in weights
        )

    found = gradients(layers, *POINTS, penalty, np.random.default_rng(0))
    for place in range(3):
        for number, spot in ((0, (1, 1)), (1, (1,))):
            sides = []
            for way in (small, -small):
                changed = [[one.copy() for one in layer] for layer in layers]
                changed[place][number][spot] += way
                sides.append(loss(tuple(map(tuple, changed))))
            assert found[2 * place + number][spot] == pytest.approx(
                (sides[0] - sides[1]) / (2 * small), abs=1e-6
            )


def test_dropout_leaves_out_its_share_and_makes_up_for_it():
    layers = ((np.ones((1, 4000)), np.zeros(4000)), (np.eye(4000, 2), np.zeros(2)))
    x, labels = np.ones((1, 1)), np.zeros(1, np.int64)

    found = gradients(layers, x, labels, Penalty(dropout=0.25), np.random.default_rng(0))

    used = found[2][:, 1]
    assert (used == 0).mean() == pytest.approx(0.25, abs=0.03)
    # Each that is left stands for 1 / (1 − 0.25) of itself.
    assert len(np.unique(used[used != 0])) == 1


def learned(**penalty):
    return learn(*POINTS, OTHERS, (16, 16), Recipe(METHODS["Adam"], 0.02, 300, penalty=Penalty(**penalty)))


def test_a_network_without_a_penalty_learns_its_points_by_heart():
    found = learned()

    assert found.losses[-1] < 0.02
    assert found.checks[-1] > 2 * found.losses[-1]
    assert answer(found.layers, POINTS[0]).sum(axis=1) == pytest.approx(1)


def test_l2_keeps_weights_small_and_l1_makes_most_of_them_nothing():
    plain, small, few = (
        np.concatenate([w.ravel() for w, _b in one.layers])
        for one in (learned(), learned(l2=0.01), learned(l1=0.01))
    )

    assert np.square(small).sum() < 0.2 * np.square(plain).sum()
    assert (np.abs(few) < 0.02).mean() > 0.8
    assert (np.abs(plain) < 0.02).mean() < 0.1


def test_a_rate_too_high_is_said_to_diverge():
    found = learn(*POINTS, OTHERS, (16,), Recipe(METHODS["SGD"], 1e6, 200))

    assert found.diverged or found.losses[-1] > 1
