"""The loss of a model around its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcore.analysis.learning.landscape import REACH, SIDE, Landscape, normalised_direction
from dlcore.analysis.learning.trace import Array
from dlcore.engine.mathematics.tracing import RunLoss


def landscape(
    model: Any,
    inputs: Mapping[str, Array],
    target: Array,
    loss: RunLoss,
    *,
    seed: int,
    tell: Callable[[int, int], None],
) -> Landscape:
    """Returns the loss along two random directions; the weights of the model are the same afterwards.

    Args:
        model: one of Keras' functional models.
        inputs: by name, (samples, …) each.
        target: (samples, …) what is right, as the loss takes it.
        loss: of the run.
        seed: of the directions.
        tell: is told how many of how many rows are done.
    """
    weights = model.trainable_variables
    here = [keras.ops.convert_to_numpy(weight) for weight in weights]
    draw = np.random.default_rng(seed)
    first, second = ([normalised_direction(values, draw) for values in here] for _turn in range(2))
    given = [tf.convert_to_tensor(inputs[tensor.name]) for tensor in model.inputs]
    wanted = tf.convert_to_tensor(target)

    @tf.function  # type: ignore[untyped-decorator]
    def measure() -> Any:
        return loss.of(wanted, model(given if len(given) > 1 else given[0], training=False))

    steps = np.linspace(-REACH, REACH, SIDE)
    rows: list[tuple[float | None, ...]] = []
    try:
        for turn, up in enumerate(steps):
            tell(turn, SIDE)
            row = []
            for across in steps:
                for weight, values, one, other in zip(weights, here, first, second, strict=True):
                    weight.assign(values + across * one + up * other)
                found = float(measure())
                row.append(found if np.isfinite(found) else None)
            rows.append(tuple(row))
    finally:
        for weight, values in zip(weights, here, strict=True):
            weight.assign(values)
    return Landscape(tuple(float(step) for step in steps), tuple(rows), len(target))
