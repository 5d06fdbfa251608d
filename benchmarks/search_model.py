"""The model of the benchmark's space in plain Keras, as both peers build it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers, optimizers

from benchmarks.search_space import MOMENTUM


def build(values: Mapping[str, Any]) -> keras.Model:
    """Returns the compiled model.

    Args:
        values: one for each name of the space.
    """
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(values["filters"], values["kernel"], activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(values["dropout"]),
            layers.Dense(values["units"], activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    optimizer = _optimizer(values["optimizer"], values["learning_rate"])
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _optimizer(name: str, rate: float) -> keras.Optimizer:
    match name:
        case "adam":
            return optimizers.Adam(rate)
        case "rmsprop":
            return optimizers.RMSprop(rate)
        case "sgd":
            return optimizers.SGD(rate, momentum=MOMENTUM)
        case _:
            raise ValueError(f"optimizer: expected one of the space, got {name!r}")
