"""Layers that Keras lacks, as small models of Keras' own layers and functions."""

from __future__ import annotations

from functools import reduce
from typing import Any

import keras

from dlcore.spec.layers import GIVEN, Composite, Part


def composite(layer: Composite, source: Any) -> Any:
    """Returns the model of a composite for tensors like `source`, under the layer's name."""
    given = keras.Input(source.shape[1:], dtype=source.dtype)
    tensors = {GIVEN: given}
    parts = layer.recipe([tuple(source.shape[1:])])
    for part in parts:
        tensors[part.name] = _called(part, [tensors[name] for name in part.takes])
    model = keras.Model(given, tensors[parts[-1].name], name=layer.name)
    model.trainable = layer.trainable
    return model


def _called(part: Part, sources: list[Any]) -> Any:
    found = reduce(getattr, part.call.path.split("."), keras)
    if part.is_function:
        return found(*sources, **part.call.arguments)
    return found(**part.call.arguments)(sources if part.joins else sources[0])
