"""Grad-CAM: where the maps of a convolution raise an answer.

Source: Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, 2017.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcore.engine.explain.subject import Subject
from dlcore.engine.explain.taps import named_layers, results_of, tapped
from dlcore.errors import N_, SpecError, unknown_name

Map = npt.NDArray[np.float64]


def map_layers(subject: Subject) -> dict[str, Any]:
    """Returns what each layer that gives two-dimensional maps gives for the sample, in the order of their calls.

    Returns:
        By the name of the layer, a tensor (1, height, width, channels).
    """
    found = results_of(subject.asked, subject.given)
    return {name: one for name, one in found.items() if _is_map(one)}


def last_maps(maps: Mapping[str, Any], layers: Mapping[str, Any]) -> str:
    """Returns the layer whose maps are looked at by default: the last convolution, with what follows it in its shape.

    A normalisation and an activation belong to their convolution, a pooling does not.

    Args:
        maps: as `map_layers` returns them.
        layers: by the same names.

    Raises:
        SpecError: no layer is a convolution over a plane.
    """
    names = list(maps)
    places = [place for place, name in enumerate(names) if "Conv" in type(layers[name]).__name__]
    if not places:
        raise SpecError(
            N_("the network has no convolution over a plane, whose maps could be shown."),
            hint=N_("Choose integrated gradients or occlusion."),
            where="grad_cam",
        )
    found = names[places[-1]]
    for name in names[places[-1] + 1 :]:
        if maps[name].shape != maps[found].shape:
            break
        found = name
    return found


def grad_cam(subject: Subject, layer: str = "") -> tuple[Map, str, tuple[str, ...]]:
    """Returns how much each place of a layer's maps raises the number that is explained.

    With the maps A_k and the mean α_k of ∂score/∂A_k over all places, it is ReLU(Σ α_k · A_k).

    Args:
        subject: what is explained.
        layer: one with two-dimensional maps; by default the last convolution.

    Returns:
        (height, width) of the layer, not negative; the layer's name; the names of all that can be chosen.

    Raises:
        SpecError: there is no such layer.
    """
    layers, maps = dict(named_layers(subject.asked.network)), map_layers(subject)
    if layer and layer not in maps:
        raise unknown_name(N_("layer with maps"), layer, maps)
    chosen = layer or last_maps(maps, layers)
    kept: list[Any] = []
    with tf.GradientTape() as tape:

        def watch(argument: Any, result: Any) -> Any:
            tape.watch(result)
            kept.append(result)
            return result

        with tapped({layers[chosen]: watch}):
            score = subject.score(subject.given)
    gradient = tape.gradient(score, kept[-1])
    if gradient is None:
        raise SpecError(
            N_("the answer does not depend on this layer."), hint=N_("Choose another."), where=chosen
        )
    weights = tf.reduce_mean(tf.cast(gradient, tf.float32), axis=(1, 2), keepdims=True)
    found = tf.nn.relu(tf.reduce_sum(weights * tf.cast(kept[-1], tf.float32), axis=-1))
    return found.numpy()[0].astype(np.float64), chosen, tuple(maps)


def _is_map(found: Any) -> bool:
    shape = tuple(getattr(found, "shape", ()))
    return len(shape) == 4 and shape[1] * shape[2] > 1 and keras.backend.is_float_dtype(found.dtype)
