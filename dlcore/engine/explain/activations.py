"""What each layer of a network gives for a sample, and what its convolutions look for."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlcore.datasets.parts import Array
from dlcore.engine.explain.subject import Subject
from dlcore.engine.explain.taps import named_layers, results_of
from dlcore.records.network_maps import LayerView, LayerViews

MOST_LAYERS, MOST_CHANNELS, MOST_STEPS, MOST_NUMBERS, SIDE = 40, 16, 200, 512, 32
"""What is kept of a network: layers, channels of each, steps, numbers, pixels along a side."""
MOST_KERNEL = 11


def layer_views(subject: Subject, part: str) -> tuple[LayerViews, dict[str, Array]]:
    """Returns what the layers give for a sample, made smaller, and the filters, with the arrays of `LAYERS_FILE`.

    Of a deep network evenly drawn layers are kept, the first and the last among them.
    """
    layers = dict(named_layers(subject.asked.network))
    results = {
        name: np.asarray(keras.ops.convert_to_numpy(one)[0], np.float32)
        for name, one in results_of(subject.asked, subject.given).items()
        if hasattr(one, "shape") and 2 <= len(one.shape) <= 4
    }
    arrays: dict[str, Array] = {}
    activations: list[LayerView] = []
    filters: list[LayerView] = []
    for name in _some(list(results)):
        key = f"activation{len(activations)}"
        arrays[key] = _smaller(results[name])
        activations.append(_view(name, layers[name], results[name].shape, key, results[name].shape[-1]))
    convolutions = [name for name, layer in layers.items() if _has_planes(layer)]
    for name in _some(convolutions):
        key, kernel = f"filter{len(filters)}", np.asarray(layers[name].kernel, np.float32)
        arrays[key] = np.moveaxis(kernel.mean(axis=2), -1, 0)[:MOST_CHANNELS]
        filters.append(_view(name, layers[name], kernel.shape, key, kernel.shape[-1]))
    return LayerViews(part, subject.sample, tuple(activations), tuple(filters)), arrays


def _view(name: str, layer: Any, shape: tuple[int, ...], key: str, count: int) -> LayerView:
    return LayerView(name, type(layer).__name__, tuple(map(int, shape)), key, int(count))


def _some(names: list[str]) -> list[str]:
    places = np.unique(np.linspace(0, len(names) - 1, min(MOST_LAYERS, len(names))).astype(int))
    return [names[place] for place in places]


def _smaller(values: Array) -> Array:
    """(channels, height, width), (channels, steps) or (numbers,), bounded."""
    if values.ndim == 1:
        return values[:MOST_NUMBERS]
    channels = np.moveaxis(values[..., :MOST_CHANNELS], -1, 0)
    for axis, most in ((1, MOST_STEPS if values.ndim == 2 else SIDE), (2, SIDE)):
        if axis < channels.ndim and channels.shape[axis] > most:
            bounds = np.linspace(0, channels.shape[axis], most + 1).astype(int)
            widths = np.diff(bounds).reshape([-1 if place == axis else 1 for place in range(channels.ndim)])
            channels = np.add.reduceat(channels, bounds[:-1], axis=axis) / widths
    return channels.astype(np.float32)


def _has_planes(layer: Any) -> bool:
    """Returns whether a layer slides small planes over its input."""
    kernel = getattr(layer, "kernel", None)
    shape = tuple(getattr(kernel, "shape", ()))
    return (
        isinstance(layer, keras.layers.Conv2D)
        and len(shape) == 4
        and 1 < shape[0] <= MOST_KERNEL
        and shape[1] <= MOST_KERNEL
    )
