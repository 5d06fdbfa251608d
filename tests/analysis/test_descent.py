"""The steps of the textbook's optimizers are those of Keras, and its surfaces slope as they say."""

import numpy as np
import pytest

from dlcore.analysis.learning.descent import METHODS, descend
from dlcore.analysis.learning.surfaces import SURFACES

SAME = {
    "SGD": lambda optimizers: optimizers.SGD(0.001),
    "Momentum": lambda optimizers: optimizers.SGD(0.001, momentum=0.8),
    "Nesterov": lambda optimizers: optimizers.SGD(0.001, momentum=0.8, nesterov=True),
    "Adagrad": lambda optimizers: optimizers.Adagrad(0.001),
    "RMSprop": lambda optimizers: optimizers.RMSprop(0.001),
    "Adam": lambda optimizers: optimizers.Adam(0.001),
    "Lion": lambda optimizers: optimizers.Lion(0.001),
}


@pytest.mark.keras
@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_step_is_that_of_keras(name):
    import keras

    surface = SURFACES["rosenbrock"]
    optimizer = SAME[name](keras.optimizers)
    weights = keras.Variable(np.array(surface.start), dtype="float64")
    expected = [keras.ops.convert_to_numpy(weights)]
    for _ in range(20):
        optimizer.apply([keras.ops.convert_to_tensor(surface.gradient(expected[-1]))], [weights])
        expected.append(keras.ops.convert_to_numpy(weights))

    found = descend(surface, METHODS[name], surface.start, rate=0.001, momentum=0.8, steps=20)

    assert found.points == pytest.approx(np.array(expected), abs=1e-6)


@pytest.mark.parametrize("name", sorted(SURFACES))
def test_a_gradient_is_the_change_of_the_loss(name):
    surface, small = SURFACES[name], 1e-6
    for point in np.array([[0.3, -0.7], [1.2, 0.4], [-1.1, 1.9]]):
        changes = [
            (surface.loss(point + small * way) - surface.loss(point - small * way)) / (2 * small)
            for way in np.eye(2)
        ]
        assert surface.gradient(point) == pytest.approx(changes, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", sorted(SURFACES))
def test_at_its_minima_a_surface_is_flat_and_lower_than_around(name):
    surface = SURFACES[name]
    for place in np.array(surface.minima):
        assert surface.gradient(place) == pytest.approx(0, abs=1e-3)
        around = [surface.loss(place + 0.05 * way) for way in np.concatenate([np.eye(2), -np.eye(2)])]
        assert surface.loss(place) < min(around)


def test_a_rate_that_is_too_high_is_said_to_lead_away():
    bowl = SURFACES["bowl"]

    away = descend(bowl, METHODS["SGD"], (1.0, 1.0), rate=2.5, momentum=0.0, steps=100)
    home = descend(bowl, METHODS["SGD"], (1.0, 1.0), rate=0.5, momentum=0.0, steps=3)

    assert away.left
    assert len(away.points) < 101
    assert not home.left
    assert home.points.tolist() == [[1, 1], [0.5, 0.5], [0.25, 0.25], [0.125, 0.125]]
    assert home.losses.tolist() == [1, 0.25, 0.0625, 0.015625]
