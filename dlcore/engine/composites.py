"""Layers that Keras lacks, as small models of Keras' own layers and functions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import keras

from dlcore.spec.layers import GIVEN, Composite, Part


def composite(layer: Composite, source: Any) -> Any:
    """Returns the model of a composite for tensors like `source`, under the layer's name."""
    given = keras.Input(source.shape[1:], dtype=source.dtype)
    model = keras.Model(given, follow(layer.recipe([tuple(source.shape[1:])]), given), name=layer.name)
    model.trainable = layer.trainable
    return model


def follow(parts: Sequence[Part], given: Any) -> Any:
    """Returns what the last of some parts makes of a tensor; the tensor itself where there are none."""
    tensors = {GIVEN: given}
    for part in parts:
        tensors[part.name] = _called(part, [tensors[name] for name in part.takes])
    return tensors[parts[-1].name] if parts else given


def _called(part: Part, sources: list[Any]) -> Any:
    found = reduce(getattr, part.call.path.split("."), keras)
    if part.is_function:
        return found(*sources, **part.call.arguments)
    return found(**part.call.arguments)(sources if part.joins else sources[0])
