"""The activation functions of the textbook are those of Keras, and their derivatives those that it learns by."""

import numpy as np
import pytest

from dlcore.analysis.learning.activations import ACTIVATIONS, softmax
from dlcore.spec.fields import Activation

pytestmark = pytest.mark.keras

POINTS = np.array([-7.0, -3.5, -2.0, -0.75, -0.25, 0.0, 0.25, 0.75, 2.0, 3.5, 7.0])


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_value_and_slope_are_those_of_keras(name):
    import keras
    import tensorflow as tf

    at = tf.Variable(POINTS.astype(np.float32))
    with tf.GradientTape() as tape:
        found = getattr(keras.activations, name)(at)

    assert ACTIVATIONS[name].value(POINTS) == pytest.approx(np.asarray(found), rel=1e-5, abs=1e-5)
    assert ACTIVATIONS[name].slope(POINTS) == pytest.approx(
        np.asarray(tape.gradient(found, at)), rel=1e-5, abs=1e-5
    )


def test_softmax_is_that_of_keras():
    import keras

    rows = np.array([[1.0, 2.0, 3.0], [-50.0, 0.0, 88.0]])

    assert softmax(rows) == pytest.approx(np.asarray(keras.activations.softmax(rows)), abs=1e-6)


def test_every_activation_that_a_layer_can_have_is_explained():
    assert {*Activation.__args__} <= {*ACTIVATIONS, "softmax"}
