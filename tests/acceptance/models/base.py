"""What an example is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from dlcore.spec.data import Task

layers, ops = keras.layers, keras.ops


@dataclass(frozen=True)
class Example:
    """One kind of model that people bring.

    Attributes:
        name: what it is known as.
        build: makes it.
        task: what it is trained for here, if its purpose is one of ours and its data can be stored.
        lacks: why it cannot be trained for its purpose otherwise.
    """

    name: str
    build: Callable[[], Any]
    task: Task | None = None
    lacks: str = ""


def ended(inputs: Any, x: Any, units: int, activation: str = "softmax") -> Any:
    """Returns a model that ends in a Dense."""
    return keras.Model(inputs, layers.Dense(units, activation=activation)(x))


def encoder_block(x: Any, size: int, heads: int = 2, *, causal: bool = False) -> Any:
    """Returns a block of a transformer that normalises first."""
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    y = layers.MultiHeadAttention(heads, size // heads, dropout=0.1)(y, y, use_causal_mask=causal)
    x = layers.Add()([x, y])
    y = layers.LayerNormalization(epsilon=1e-6)(x)
    y = layers.Dense(2 * size, activation="gelu")(y)
    y = layers.Dropout(0.1)(layers.Dense(size)(y))
    return layers.Add()([x, y])


def with_positions(x: Any) -> Any:
    """Returns a sequence with an embedding of a range added, as it is mostly written by hand."""
    _, length, size = x.shape
    return x + layers.Embedding(length, size)(ops.arange(length))
