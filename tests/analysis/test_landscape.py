"""The loss around a model is what its loss is with the weights of each place, and nothing of the model is changed."""

import numpy as np
import pytest

from dlcore.analysis.learning.landscape import Landscape, normalised_direction
from dlcore.errors import DlcoreError


def test_each_filter_of_a_direction_is_as_long_as_that_of_the_weights():
    weights = np.random.default_rng(1).normal(size=(3, 3, 2, 5)) * np.arange(5)

    way = normalised_direction(weights, np.random.default_rng(2))

    lengths = np.sqrt((weights**2).sum(axis=(0, 1, 2)))
    assert np.sqrt((way**2).sum(axis=(0, 1, 2))) == pytest.approx(lengths, rel=1e-5)
    assert not normalised_direction(np.ones(7), np.random.default_rng(0)).any()


@pytest.mark.keras
def test_the_loss_at_each_place_is_that_of_the_weights_there():
    import keras

    from dlcore.engine.mathematics.landscape import landscape
    from dlcore.engine.mathematics.tracing import RunLoss

    keras.utils.set_random_seed(0)
    given = keras.Input((3,))
    model = keras.Model(given, keras.layers.Dense(1)(given))
    (weights, bias) = model.get_weights()
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(20, 3)).astype(np.float32), draw.normal(size=(20, 1)).astype(np.float32)
    told = []

    found = landscape(
        model, {given.name: x}, y, RunLoss("MeanSquaredError", keras.losses.MeanSquaredError(), False),
        seed=5, tell=lambda done, total: told.append((done, total)),
    )  # fmt: skip

    draw = np.random.default_rng(5)
    first = normalised_direction(weights, draw)
    normalised_direction(bias, draw)
    second = normalised_direction(weights, draw)
    for row, column in ((10, 10), (3, 17), (20, 0)):
        there = weights + found.steps[column] * first + found.steps[row] * second
        assert found.losses[row][column] == pytest.approx(((x @ there + bias - y) ** 2).mean(), rel=1e-4)
    assert (model.get_weights()[0] == weights).all()
    assert told[-1] == (20, 21)
    assert Landscape.from_dict(found.to_dict()) == found


def test_what_is_no_landscape_is_refused():
    with pytest.raises(DlcoreError, match="cannot be read"):
        Landscape.from_dict({"steps": [0.0], "losses": [[1.0]], "samples": 3})
