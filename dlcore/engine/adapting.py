"""Normalization layers that learn their numbers from the training part, before the first batch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlcore.datasets.parts import Part
from dlcore.datasets.prepare.values import apply_value_ops
from dlcore.engine.data import TrainingData
from dlcore.spec.layers.normalization import Normalization
from dlcore.spec.model import ModelSpec

MOST_SAMPLES = 10_000
"""Of the training part; more change the third digit at most."""

BATCH = 1_024


def adapt(network: Any, model: ModelSpec, data: TrainingData, *, known: frozenset[str]) -> None:
    """Gives each Normalization without numbers those of what reaches it, in the order of the model.

    Args:
        network: what `build_model` made of `model`; nothing was traced yet, for its calls take the numbers as they are.
        model: its layers.
        data: only the training part is looked at.
        known: layers that have taken their numbers from elsewhere.
    """
    learning = [
        layer.name
        for layer in model.layers
        if isinstance(layer, Normalization) and not layer.mean and layer.name not in known
    ]
    if not learning:
        return
    count = min(len(data.train), MOST_SAMPLES)
    places = np.linspace(0, len(data.train) - 1, count).astype(np.int64)
    some = data.train.take(data.train.indices[places])
    inputs = {tensor.name: _values(some, tensor.name, data) for tensor in network.inputs}
    for name in learning:
        layer = network.get_layer(name)
        below = keras.Model(network.inputs, layer.input)
        batches = (
            [array[first : first + BATCH] for array in inputs.values()] for first in range(0, count, BATCH)
        )
        # Not as in training: what changes images at random does so there.
        reaching = [keras.ops.convert_to_numpy(below(batch, training=False)) for batch in batches]
        layer.adapt(np.concatenate(reaching))


def _values(part: Part, name: str, data: TrainingData) -> Any:
    return apply_value_ops(part.inputs[name][part.indices], data.values.get(name, ()))
