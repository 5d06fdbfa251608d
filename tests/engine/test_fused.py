"""Adam in one operation: it does what Keras' own does."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcore.engine.fused import fuse_adam

pytestmark = pytest.mark.keras

ADAMS = {
    "usual": lambda: keras.optimizers.Adam(0.01),
    "other betas": lambda: keras.optimizers.Adam(0.05, beta_1=0.8, beta_2=0.99, epsilon=1e-3),
    "decay": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1),
    "clipped, accumulated": lambda: keras.optimizers.Adam(0.01, clipnorm=0.5, gradient_accumulation_steps=2),
    "schedule": lambda: keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)),
    "AMSGrad": lambda: keras.optimizers.Adam(0.01, amsgrad=True),
}


def trained(optimizer, gradients, *, fused):
    """A variable after those gradients."""
    variable = keras.Variable(np.linspace(-1, 1, 12).reshape(4, 3), dtype="float32")
    optimizer.build([variable])
    if fused:
        fuse_adam(optimizer)
    step = tf.function(lambda gradient: optimizer.apply_gradients([(gradient, variable)]))
    for gradient in gradients:
        step(gradient)
    return np.asarray(variable.value)


@pytest.mark.parametrize("make", ADAMS.values(), ids=ADAMS)
def test_it_updates_as_keras_does(make):
    gradients = [
        tf.constant(array) for array in np.random.default_rng(0).normal(size=(6, 4, 3)).astype("float32")
    ]
    expected = trained(make(), gradients, fused=False)
    np.testing.assert_allclose(trained(make(), gradients, fused=True), expected, rtol=1e-5, atol=1e-5)


def test_a_sparse_gradient_is_left_to_keras():
    rows = tf.IndexedSlices(tf.ones((2, 3)), tf.constant([0, 2]), tf.constant([4, 3]))
    expected = trained(keras.optimizers.Adam(0.01), [rows] * 3, fused=False)
    np.testing.assert_array_equal(trained(keras.optimizers.Adam(0.01), [rows] * 3, fused=True), expected)


def test_one_operation_takes_the_place_of_many():
    variable = keras.Variable(np.ones(3), dtype="float32")
    optimizer = keras.optimizers.Adam()
    optimizer.build([variable])
    fuse_adam(optimizer)
    step = tf.function(lambda gradient: optimizer.apply_gradients([(gradient, variable)]))
    operations = {
        operation.type for operation in step.get_concrete_function(tf.ones(3)).graph.get_operations()
    }
    assert "ResourceApplyAdam" in operations
    assert "Sqrt" not in operations


def test_a_saved_model_has_keras_optimizer(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    model.optimizer.build(model.trainable_variables)
    fuse_adam(model.optimizer)
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is keras.optimizers.Adam
    assert int(loaded.optimizer.iterations.value) == 1
