"""Networks of `keras.applications`, with weights that show a mistake in any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from dlcore.engine.build import build_model
from dlcore.engine.network import layers_within
from dlcore.engine.weights import load_weights, settle_constants
from dlcore.models.keras_file import read_model_file
from dlcore.models.weights import read_weights

NAMES = sorted(
    name
    for name in dir(keras.applications)
    if name[0].isupper() and callable(getattr(keras.applications, name))
)


def with_random_weights(network: Any) -> Any:
    """Returns the same with weights none of which is where it starts, and that carry an image to the end.

    What batches are normalised by is taken of some noise: in a deep network any other numbers would leave
    nothing of the image.
    """
    generator = np.random.default_rng(0)
    for weight in network.weights:
        match weight.path.rsplit("/", 1)[-1]:
            case "gamma":
                # Large ones let hundreds of layers make more of a rounding than of another image.
                weight.assign(generator.uniform(0.1, 0.3, weight.shape))
            case "mean" | "variance":
                weight.assign(generator.uniform(0.5, 1.5, weight.shape))
            case "beta" | "bias":
                weight.assign(generator.uniform(-0.05, 0.05, weight.shape))
    settle_constants(network)
    batches = [
        layer for layer in layers_within(network) if isinstance(layer, keras.layers.BatchNormalization)
    ]
    usual = [layer.momentum for layer in batches]
    for layer in batches:
        layer.momentum = 0.0
    network(images(network, 8), training=True)
    for layer, momentum in zip(batches, usual, strict=True):
        layer.momentum = momentum
    return network


def images(network: Any, count: int) -> Any:
    """Returns noise of the size that a network takes."""
    shape = (count, *network.input_shape[1:])
    return np.random.default_rng(count).uniform(0, 255, shape).astype(np.float32)


def largest_difference(network: Any, folder: Path) -> tuple[float, float]:
    """Saves, imports and rebuilds a network.

    Returns:
        The largest difference of its predictions for two images, as a share of the largest prediction; and how
        much the predictions for both differ, as the same share.
    """
    path = folder / "model.keras"
    network.save(path)
    x = images(network, 2)
    expected = np.asarray(network(x, training=False))
    imported = read_model_file(path)
    again = build_model(imported.model, network.input_shape[1:])
    load_weights(again, imported.model, read_weights(path, imported))
    path.unlink()
    got, largest = np.asarray(again(x, training=False)), np.abs(expected).max()
    return float(np.abs(got - expected).max() / largest), float(
        np.abs(expected[0] - expected[1]).max() / largest
    )
