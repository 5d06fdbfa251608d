"""Models for texts and speech, and those that generate."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlcore.spec.data import Task
from tests.acceptance.models.base import Example, encoder_block, ended, layers, ops, with_positions

WORDS, LENGTH = 50, 12
PER_STEP = "a target for each step"


def _ids() -> Any:
    return keras.Input((LENGTH,), dtype="int64")


def _text_cnn() -> Any:
    inputs = _ids()
    x = layers.Dropout(0.5)(layers.Embedding(WORDS, 8)(inputs))
    for _ in range(2):
        x = layers.Conv1D(8, 3, strides=2, padding="valid", activation="relu")(x)
    x = layers.Dense(8, activation="relu")(layers.GlobalMaxPooling1D()(x))
    return ended(inputs, layers.Dropout(0.5)(x), 1, "sigmoid")


def _bidirectional() -> Any:
    inputs = _ids()
    x = layers.Embedding(WORDS, 8)(inputs)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(x)
    return ended(inputs, layers.Bidirectional(layers.LSTM(4))(x), 1, "sigmoid")


def _multi_label() -> Any:
    return keras.Sequential(
        [
            keras.Input((100,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(8, activation="relu"),
            layers.Dense(6, activation="sigmoid"),
        ]
    )


def _word_vectors() -> Any:
    inputs = _ids()
    vectors = np.random.default_rng(0).normal(size=(WORDS, 8))
    start = keras.initializers.Constant(vectors)
    x = layers.Embedding(WORDS, 8, trainable=False, embeddings_initializer=start)(inputs)
    x = layers.MaxPooling1D(2)(layers.Conv1D(8, 3, activation="relu")(x))
    x = layers.GlobalMaxPooling1D()(layers.Conv1D(8, 3, activation="relu")(x))
    return ended(inputs, layers.Dropout(0.5)(layers.Dense(8, activation="relu")(x)), 5)


def _text_transformer() -> Any:
    inputs = _ids()
    x = with_positions(layers.Embedding(WORDS, 8)(inputs))
    y = layers.Dropout(0.1)(layers.MultiHeadAttention(2, 8)(x, x))
    x = layers.LayerNormalization(epsilon=1e-6)(x + y)
    y = layers.Dropout(0.1)(layers.Dense(8)(layers.Dense(8, activation="relu")(x)))
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=1e-6)(x + y))
    x = layers.Dropout(0.1)(layers.Dense(8, activation="relu")(layers.Dropout(0.1)(x)))
    return ended(inputs, x, 2)


def _seq2seq() -> Any:
    source, target = keras.Input((9, 7)), keras.Input((8, 6))
    _, hidden, cell = layers.LSTM(8, return_state=True)(source)
    x = layers.LSTM(8, return_sequences=True)(target, initial_state=[hidden, cell])
    return ended([source, target], x, 6)


def _addition() -> Any:
    return keras.Sequential(
        [
            keras.Input((7, 12)),
            layers.LSTM(16),
            layers.RepeatVector(4),
            layers.LSTM(16, return_sequences=True),
            layers.Dense(12, activation="softmax"),
        ]
    )


def _tagger() -> Any:
    inputs = _ids()
    x = layers.Embedding(WORDS, 8, mask_zero=True)(inputs)
    x = layers.Dropout(0.1)(layers.Bidirectional(layers.LSTM(8, return_sequences=True))(x))
    return ended(inputs, x, 9)


def _miniature_gpt() -> Any:
    inputs = _ids()
    x = with_positions(layers.Embedding(WORDS, 16)(inputs))
    return ended(inputs, encoder_block(x, 16, causal=True), WORDS, "linear")


def _characters() -> Any:
    return keras.Sequential([keras.Input((10, 20)), layers.LSTM(16), layers.Dense(20, activation="softmax")])


@keras.saving.register_keras_serializable(package="mine")
class _Sampling(keras.layers.Layer):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        mean, log_variance = inputs
        return mean + ops.exp(0.5 * log_variance)


def _variational() -> Any:
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(8, 3, activation="relu", strides=2, padding="same")(inputs)
    x = layers.Dense(8, activation="relu")(layers.Flatten()(x))
    mean, log_variance = layers.Dense(2)(x), layers.Dense(2)(x)
    return keras.Model(inputs, [mean, log_variance, _Sampling()([mean, log_variance])])


def _discriminator() -> Any:
    x = inputs = keras.Input((16, 16, 3))
    for filters in (8, 16):
        x = layers.LeakyReLU(negative_slope=0.2)(layers.Conv2D(filters, 4, strides=2, padding="same")(x))
    return ended(inputs, layers.Dropout(0.2)(layers.Flatten()(x)), 1, "sigmoid")


def _speech() -> Any:
    inputs = keras.Input((40, 33))
    x = layers.Reshape((40, 33, 1))(inputs)
    x = layers.Conv2D(4, (11, 5), strides=(2, 2), padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Reshape((20, 17 * 4))(x)
    for _ in range(2):
        x = layers.Bidirectional(layers.GRU(8, return_sequences=True, reset_after=True))(x)
    return ended(inputs, layers.Dropout(0.5)(layers.Dense(16)(x)), 32)


def _speaker() -> Any:
    x = inputs = keras.Input((64, 1))
    for filters in (4, 8):
        skip = layers.Conv1D(filters, 1, padding="same")(x)
        x = layers.Activation("relu")(layers.Conv1D(filters, 3, padding="same")(x))
        x = layers.Add()([layers.Conv1D(filters, 3, padding="same")(x), skip])
        x = layers.MaxPool1D(pool_size=2, strides=2)(layers.Activation("relu")(x))
    x = layers.Flatten()(layers.AveragePooling1D(pool_size=3, strides=3)(x))
    return ended(inputs, layers.Dense(16, activation="relu")(x), 5)


def _accent() -> Any:
    x = inputs = keras.Input((1024,))
    for units in (32, 16):
        x = layers.Dropout(0.2)(layers.Dense(units, activation="relu")(x))
    return ended(inputs, x, 6)


LANGUAGE = (
    Example("text classification from scratch", _text_cnn, Task.BINARY),
    Example("bidirectional LSTM", _bidirectional, Task.BINARY),
    Example("several labels, TF-IDF", _multi_label, Task.MULTILABEL),
    Example("pretrained word vectors", _word_vectors, Task.MULTICLASS),
    Example("transformer for texts", _text_transformer, Task.MULTICLASS),
    Example("sequence to sequence, LSTM", _seq2seq, lacks=PER_STEP),
    Example("addition, RNN", _addition, lacks=PER_STEP),
    Example("named entities", _tagger, lacks=PER_STEP),
    Example("miniature GPT", _miniature_gpt, lacks=PER_STEP),
    Example("characters, LSTM", _characters, Task.MULTICLASS),
    Example("variational autoencoder", _variational, lacks="several outputs, a loss of its own"),
    Example("DCGAN, discriminator", _discriminator, lacks="two networks trained against each other"),
    Example("speech recognition, CTC", _speech, lacks="CTC loss, sequences of labels"),
    Example("speaker recognition", _speaker, Task.MULTICLASS),
    Example("accents, on features of a network", _accent, Task.MULTICLASS),
)
