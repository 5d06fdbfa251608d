"""Models for tables, ratings, series and graphs."""

from __future__ import annotations

from typing import Any

import keras

from dlcore.spec.data import Task
from tests.acceptance.models.base import Example, encoder_block, ended, layers, ops, with_positions


def _columns() -> tuple[list[Any], list[Any], list[Any]]:
    """Returns the inputs of a table, its numbers, and vectors of its categories."""
    numbers = keras.Input((4,), name="numbers")
    categories = [keras.Input((1,), dtype="int32", name=name) for name in ("job", "city")]
    vectors = [layers.Embedding(9, 8)(one) for one in categories]
    return [numbers, *categories], [numbers], vectors


def _feature_space() -> Any:
    inputs, numbers, vectors = _columns()
    x = layers.Concatenate()([*numbers, *(layers.Flatten()(one) for one in vectors)])
    x = layers.Dropout(0.5)(layers.Dense(16, activation="relu")(x))
    return ended(inputs, x, 1, "sigmoid")


def _imbalanced() -> Any:
    rows = [layers.Dense(32, activation="relu"), layers.Dropout(0.3), layers.Dense(1, activation="sigmoid")]
    return keras.Sequential([keras.Input((30,)), *rows])


def _collaborative() -> Any:
    user, item = keras.Input((1,), dtype="int32", name="user"), keras.Input((1,), dtype="int32", name="item")

    def parts(ids: Any, count: int) -> tuple[Any, Any]:
        start = {"embeddings_initializer": "he_normal"}
        return layers.Flatten()(layers.Embedding(count, 8, **start)(ids)), layers.Flatten()(
            layers.Embedding(count, 1)(ids)
        )

    (users, user_bias), (items, item_bias) = parts(user, 20), parts(item, 30)
    match = layers.Dot(axes=1)([users, items])
    return keras.Model([user, item], ops.sigmoid(layers.Add()([match, user_bias, item_bias])))


def _wide_deep_cross() -> Any:
    inputs, numbers, vectors = _columns()
    start = layers.concatenate([*numbers, *(layers.Flatten()(one) for one in vectors)])
    cross = start
    for _ in range(2):
        cross = start * layers.Dense(cross.shape[-1])(cross) + cross
    cross = layers.BatchNormalization()(cross)
    deep = layers.Dropout(0.1)(layers.ReLU()(layers.BatchNormalization()(layers.Dense(16)(start))))
    return ended(inputs, layers.concatenate([cross, deep]), 7)


def _gated() -> Any:
    inputs, numbers, vectors = _columns()
    x = layers.concatenate([*numbers, *(layers.Flatten()(one) for one in vectors)])
    y = layers.Dense(16)(layers.Dense(16, activation="elu")(x))
    y = layers.Multiply()([layers.Dense(16)(y), layers.Dense(16, activation="sigmoid")(y)])
    x = layers.LayerNormalization()(layers.Add()([layers.Dense(16)(x), layers.Dropout(0.1)(y)]))
    return ended(inputs, x, 1, "sigmoid")


def _tab_transformer() -> Any:
    inputs, numbers, vectors = _columns()
    x = layers.Concatenate(axis=1)(vectors)
    x = encoder_block(with_positions(x), 8)
    x = layers.concatenate([layers.Flatten()(x), layers.LayerNormalization(epsilon=1e-6)(numbers[0])])
    x = layers.Dropout(0.2)(layers.Dense(16, activation="selu")(layers.BatchNormalization()(x)))
    return ended(inputs, x, 1, "sigmoid")


def _behaviour_sequence() -> Any:
    films = keras.Input((5,), dtype="int32", name="films")
    ratings = keras.Input((5,), name="ratings")
    user = keras.Input((1,), dtype="int32", name="user")
    x = with_positions(layers.Embedding(40, 8)(films))
    x = layers.Multiply()([x, layers.Reshape((5, 1))(ratings)])
    y = layers.Dropout(0.1)(layers.MultiHeadAttention(2, 8, dropout=0.1)(x, x))
    x = layers.LeakyReLU()(layers.LayerNormalization()(layers.Add()([x, y])))
    x = layers.concatenate([layers.Flatten()(x), layers.Flatten()(layers.Embedding(20, 4)(user))])
    x = layers.Dropout(0.1)(layers.LeakyReLU()(layers.BatchNormalization()(layers.Dense(16)(x))))
    return keras.Model([films, ratings, user], layers.Dense(1)(x))


def _fcn() -> Any:
    x = inputs = keras.Input((50, 1))
    for _ in range(3):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv1D(8, 3, padding="same")(x)))
    return ended(inputs, layers.GlobalAveragePooling1D()(x), 2)


def _series_transformer() -> Any:
    x = inputs = keras.Input((30, 1))
    for _ in range(2):
        y = layers.Dropout(0.25)(layers.MultiHeadAttention(2, 8, dropout=0.25)(x, x))
        y = layers.LayerNormalization(epsilon=1e-6)(y) + x
        z = layers.Conv1D(1, 1)(layers.Dropout(0.25)(layers.Conv1D(4, 1, activation="relu")(y)))
        x = layers.LayerNormalization(epsilon=1e-6)(z) + y
    x = layers.GlobalAveragePooling1D(data_format="channels_last")(x)
    return ended(inputs, layers.Dropout(0.4)(layers.Dense(16, activation="relu")(x)), 2)


def _weather() -> Any:
    inputs = keras.Input((24, 7))
    return keras.Model(inputs, layers.Dense(1)(layers.LSTM(16)(inputs)))


def _anomalies() -> Any:
    x = inputs = keras.Input((48, 1))
    for filters in (8, 4):
        x = layers.Conv1D(filters, 7, padding="same", strides=2, activation="relu")(x)
    for filters in (4, 8):
        x = layers.Conv1DTranspose(filters, 7, padding="same", strides=2, activation="relu")(x)
    return keras.Model(inputs, layers.Conv1DTranspose(1, 7, padding="same")(x))


def _traffic() -> Any:
    x = inputs = keras.Input((6, 5, 1))
    x = layers.Lambda(lambda one: ops.mean(one, axis=2, keepdims=True) + one)(x)
    return ended(inputs, layers.LSTM(8)(layers.Reshape((6, 5))(x)), 5, "linear")


@keras.saving.register_keras_serializable(package="mine")
class _Neighbours(keras.layers.Layer):  # type: ignore[misc]
    def call(self, x: Any) -> Any:
        return x + ops.mean(x, axis=1, keepdims=True)


def _citations() -> Any:
    inputs = keras.Input((20, 16))
    x = layers.Dense(8, activation="gelu")(layers.BatchNormalization()(inputs))
    return ended(inputs, _Neighbours()(x), 7)


OTHERS = (
    Example("feature space, MLP", _feature_space, Task.BINARY),
    Example("imbalanced classes", _imbalanced, Task.BINARY),
    Example("collaborative filtering", _collaborative, Task.RATING),
    Example("wide, deep and cross", _wide_deep_cross, Task.MULTICLASS),
    Example("gated residual network", _gated, Task.BINARY),
    Example("TabTransformer", _tab_transformer, Task.BINARY),
    Example("behaviour sequence transformer", _behaviour_sequence, lacks="sequences in a column"),
    Example("series, FCN", _fcn, Task.MULTICLASS),
    Example("series, transformer", _series_transformer, Task.MULTICLASS),
    Example("weather, LSTM", _weather, Task.FORECASTING),
    Example("anomalies, autoencoder", _anomalies, Task.RECONSTRUCTION),
    Example("traffic, graph and LSTM", _traffic, lacks="graphs as data"),
    Example("citations, graph network", _citations, lacks="graphs as data"),
)
