"""Weights from elsewhere put into a built network: all of them, or those that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from dlcore.engine.network import layers_within
from dlcore.errors import N_, SpecError
from dlcore.spec.model import ModelSpec


@dataclass(frozen=True)
class LoadedWeights:
    """Which layers took weights, and which kept the ones they were made with.

    Attributes:
        loaded: names of layers, in the order of the model.
        kept: names of layers that have weights, but for which there were none that fit.
    """

    loaded: tuple[str, ...]
    kept: tuple[str, ...]


def settle_constants(network: Any) -> None:
    """Lets the layers that compute with a copy of their weights take the weights that they have now."""
    for layer in layers_within(network):
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def load_weights(
    network: Any,
    model: ModelSpec,
    arrays: Mapping[str, Sequence[npt.NDArray[Any]]],
    *,
    partial: bool = False,
) -> LoadedWeights:
    """Gives the layers of a built network the arrays of their names.

    Args:
        network: what `build_model` made of `model`.
        model: its layers.
        arrays: of each layer, in the order of Keras' `layer.weights`.
        partial: whether layers may keep their weights: those without arrays, and those whose shapes differ.

    Raises:
        SpecError: a layer's arrays are absent or of other shapes; nothing has been changed.
    """
    loaded, kept = [], []
    for layer in model.own_layers:
        expected = [tuple(weight.shape) for weight in network.get_layer(layer.name).weights]
        if not expected:
            continue
        given = arrays.get(layer.name)
        got = None if given is None else [tuple(np.shape(array)) for array in given]
        if got == expected:
            loaded.append(layer.name)
        elif partial:
            kept.append(layer.name)
        else:
            raise SpecError(
                N_("expected weights of the shapes {expected}, got {got}."),
                hint=N_("Change the layer back, or let it start with new weights."),
                where=layer.name,
                expected=", ".join(map(str, expected)),
                got=", ".join(map(str, got)) if got else "–",
            )
    for name in loaded:
        for weight, array in zip(network.get_layer(name).weights, arrays[name], strict=True):
            weight.assign(array)
    settle_constants(network)
    return LoadedWeights(tuple(loaded), tuple(kept))
