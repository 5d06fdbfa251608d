"""Layers written out are what Keras computes, forward and back, within 1e-5."""

import numpy as np
import pytest

from dlcore.analysis.learning.layers import WORKINGS, entropy, working_of
from dlcore.analysis.learning.recurrence import RECURRENT, recur
from dlcore.analysis.learning.trace import TraceNumbers

pytestmark = pytest.mark.keras

PICTURE, SERIES, ROW = (7, 9, 3), (9, 3), (6,)

CASES = {
    "dense": (ROW, lambda k: k.Dense(4, activation="tanh")),
    "dense without a bias": (ROW, lambda k: k.Dense(4, use_bias=False)),
    "dense over a series": (SERIES, lambda k: k.Dense(4, activation="gelu")),
    "dense with softmax": (ROW, lambda k: k.Dense(4, activation="softmax")),
    "convolution": (PICTURE, lambda k: k.Conv2D(4, 3, activation="relu")),
    "convolution with strides": (PICTURE, lambda k: k.Conv2D(4, (3, 2), strides=(2, 3), padding="same")),
    "convolution with dilation": (PICTURE, lambda k: k.Conv2D(4, 3, dilation_rate=2, padding="same", activation="elu")),
    "convolution of an even size": (PICTURE, lambda k: k.Conv2D(4, 4, strides=2, padding="same")),
    "convolution of a series": (SERIES, lambda k: k.Conv1D(4, 3, strides=2, activation="silu")),
    "causal convolution": (SERIES, lambda k: k.Conv1D(4, 3, dilation_rate=2, padding="causal")),
    "largest of a window": (PICTURE, lambda k: k.MaxPooling2D(2)),
    "largest of overlapping windows": (PICTURE, lambda k: k.MaxPooling2D(3, strides=2, padding="same")),
    "largest of a stretch": (SERIES, lambda k: k.MaxPooling1D(2)),
    "mean of a window": (PICTURE, lambda k: k.AveragePooling2D(3, strides=2, padding="same")),
    "mean of a stretch": (SERIES, lambda k: k.AveragePooling1D(2)),
    "mean of all": (PICTURE, lambda k: k.GlobalAveragePooling2D()),
    "mean of a series": (SERIES, lambda k: k.GlobalAveragePooling1D()),
    "largest of all": (PICTURE, lambda k: k.GlobalMaxPooling2D()),
    "largest of a series": (SERIES, lambda k: k.GlobalMaxPooling1D()),
    "flatten": (PICTURE, lambda k: k.Flatten()),
    "reshape": (SERIES, lambda k: k.Reshape((3, 9))),
    "dropout": (ROW, lambda k: k.Dropout(0.5)),
    "activation": (ROW, lambda k: k.Activation("mish")),
    "normalisation": (PICTURE, lambda k: k.BatchNormalization(moving_mean_initializer="ones", gamma_initializer="ones")),
    "normalisation without a shift": (ROW, lambda k: k.BatchNormalization(center=False)),
    "plain recurrence": (SERIES, lambda k: k.SimpleRNN(4)),
    "long memory": (SERIES, lambda k: k.LSTM(4, return_sequences=True)),
    "long memory backwards": (SERIES, lambda k: k.LSTM(4, go_backwards=True)),
    "gated recurrence": (SERIES, lambda k: k.GRU(4)),
    "gated recurrence of before": (SERIES, lambda k: k.GRU(4, reset_after=False)),
    "gated recurrence without a bias": (SERIES, lambda k: k.GRU(4, use_bias=False)),
}  # fmt: skip


def traced(make, shape, seed=0):
    """A model of one layer and an output, with the way of one random sample through it."""
    import keras

    from dlcore.engine.mathematics.tracing import RunLoss, trace

    keras.utils.set_random_seed(seed)
    given = keras.Input(shape)
    layer = make(keras.layers)
    found = layer(given)
    # One that weighs what comes out differently at each place, so that a slope at a wrong one is noticed.
    flat = keras.layers.Flatten()(found)
    model = keras.Model(given, keras.layers.Dense(3)(flat))
    draw = np.random.default_rng(seed)
    layer.set_weights([weight + draw.uniform(0.1, 0.5, weight.shape) for weight in layer.get_weights()])
    x = draw.normal(size=(1, *shape)).astype(np.float32)
    loss = RunLoss("CategoricalCrossentropy", keras.losses.CategoricalCrossentropy(from_logits=True), True)
    said, arrays = trace(
        model, {given.name: x}, np.eye(3, dtype=np.float32)[[1]], loss, optimizer="Adam", rate=0.001
    )
    return said, TraceNumbers(arrays)


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_layer_is_what_keras_computes_forward_and_back(case):
    shape, make = CASES[case]
    said, numbers = traced(make, shape)
    layer, x = said.layers[1], numbers.output(0)
    working, weights = working_of(layer), numbers.weights(1, len(layer.parameters))

    assert working.forward(layer, [x], weights) == pytest.approx(numbers.output(1), abs=1e-5)

    if working.back is None:
        assert layer.kind in RECURRENT
        return
    back = working.back(layer, [x], weights, numbers.slope(1))
    assert back.inputs[0] == pytest.approx(numbers.slope(0), abs=1e-5)
    for by_hand, by_keras in zip(back.weights, numbers.weight_slopes(1, len(weights)), strict=True):
        assert (by_hand is None) == (by_keras is None)
        if by_keras is not None:
            assert by_hand == pytest.approx(by_keras, abs=1e-5)


def test_every_layer_that_is_written_out_is_tried():
    import keras

    tried = {type(make(keras.layers)).__name__ for _shape, make in CASES.values()}

    assert set(WORKINGS) - tried == {
        "SpatialDropout1D",
        "SpatialDropout2D",
        "GaussianNoise",
        "Embedding",
        "Add",
    }


def test_the_loss_and_its_gradient_are_those_of_keras():
    said, numbers = traced(lambda k: k.Dense(4), ROW)

    loss, slope = entropy(np.array(said.answer), np.array(said.target), from_logits=True)

    assert loss == pytest.approx(said.loss, abs=1e-5)
    assert slope == pytest.approx(numbers.slope(3), abs=1e-5)


def test_a_step_lowers_the_loss_as_much_as_the_weights_of_the_step_do():
    said, numbers = traced(lambda k: k.Dense(4, activation="tanh"), ROW)
    rate = said.steps[5].rate
    x, ways = numbers.output(0), []
    for place in (1, 3):
        weights, slopes = numbers.weights(place, 2), numbers.weight_slopes(place, 2)
        ways.append([weight - rate * slope for weight, slope in zip(weights, slopes, strict=True)])
    (first, of_first), (last, of_last) = ways

    answer = np.tanh(x @ first + of_first) @ last + of_last

    assert said.steps[5].answer == pytest.approx(answer, abs=1e-5)
    assert said.steps[5].loss == pytest.approx(
        entropy(answer, np.array(said.target), from_logits=True)[0], abs=1e-5
    )


def test_words_that_are_padding_change_nothing():
    import keras

    from dlcore.engine.mathematics.tracing import RunLoss, trace

    keras.utils.set_random_seed(1)
    given = keras.Input((5,), dtype="int32")
    vectors = keras.layers.Embedding(9, 4, mask_zero=True)(given)
    model = keras.Model(given, keras.layers.Dense(1)(keras.layers.LSTM(3)(vectors)))
    loss = RunLoss("BinaryCrossentropy", keras.losses.BinaryCrossentropy(from_logits=True), True)
    words = np.array([[7, 2, 2, 0, 0]], np.int32)
    said, arrays = trace(
        model, {given.name: words}, np.array([[1.0]], np.float32), loss, optimizer="SGD", rate=0.1
    )
    numbers = TraceNumbers(arrays)
    embedding, recurrent = said.layers[1], said.layers[2]

    table = numbers.weights(1, 1)
    back = working_of(embedding).back(embedding, [numbers.output(0)], table, numbers.slope(1))
    found = recur("LSTM", recurrent.config, numbers.output(1), numbers.weights(2, 3), numbers.seen(2))

    assert back.weights[0] == pytest.approx(numbers.weight_slopes(1, 1)[0], abs=1e-5)
    assert found.states[-1] == pytest.approx(numbers.output(2), abs=1e-5)
    assert found.seen.tolist() == [True, True, True, False, False]
    assert (found.states[3:] == found.states[2]).all()
