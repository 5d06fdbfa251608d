"""What the layer before the last one gives for samples: the features that a model has learned."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlcore.analysis.outliers import reduced
from dlcore.datasets.parts import Array, Part
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.prepare.values import apply_value_ops
from dlcore.engine.network import answering_model

BATCH = 512


def last_features(model: Any, part: Part, how: Preparation) -> Array | None:
    """(samples, at most 64) what the last layer with weights is given for each sample of a part.

    Args:
        model: a trained one.
        part: the samples.
        how: they are prepared: the operations on their values.

    Returns:
        The features; None of a model whose last layer with weights takes ids, such as one of ratings.
    """
    asked = answering_model(model)
    last = next((layer for layer in reversed(asked.layers) if layer.weights), None)
    if last is None or not isinstance(last.input, keras.KerasTensor) or "float" not in last.input.dtype:
        return None
    features = keras.Model(asked.inputs, last.input)
    names = [tensor.name for tensor in asked.inputs]
    found = []
    for start in range(0, len(part), BATCH):
        places = part.indices[start : start + BATCH]
        batch = {name: _values(part.inputs[name][places], how, name) for name in names}
        given = batch if len(batch) > 1 else next(iter(batch.values()))
        found.append(reduced(np.asarray(features.predict_on_batch(given), np.float32)))
    return np.concatenate(found)


def _values(array: Array, how: Preparation, name: str) -> Array:
    """Returns samples as the model takes them: ids stay ids, all else is float32."""
    if array.dtype == np.int32:
        return array
    return apply_value_ops(array.astype(np.float32), how.values.get(name, ()))
