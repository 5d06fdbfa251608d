"""Augmentation on the device, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from dlcore.engine.build import make
from dlcore.engine.randomness import reseed
from dlcore.spec.augmentation import Augmentation
from dlcore.spec.layers import Shape


class SpecAugment:
    """Puts each recording's mean in place of bands of time and of frequency (Park et al., 2019).

    The paper masks with zero, which is the mean there. A band's width is drawn between 0 and the widest
    one, its place among all where it fits.

    Shape:
        (samples, frames, frequencies, channels) → the same.
    """

    def __init__(
        self, time_masks: int, time_width: float, frequency_masks: int, frequency_width: float, seed: int
    ) -> None:
        self._bands = ((1, time_masks, time_width), (2, frequency_masks, frequency_width))
        self._generator = keras.random.SeedGenerator(seed)

    @property
    def variables(self) -> list[Any]:
        """The state of its random generator."""
        return [self._generator.state]

    def __call__(self, x: Any, *, training: bool) -> Any:
        """The masked recordings."""
        if not training:
            return x
        mean = ops.mean(x, axis=(1, 2), keepdims=True)
        for axis, masks, width in self._bands:
            for _ in range(masks):
                x = ops.where(self._band(ops.shape(x)[0], x.shape[axis], width, axis), mean, x)
        return x

    def _band(self, samples: Any, size: int, width: float, axis: int) -> Any:
        """Returns where one band of each sample lies, as a mask that fits the recordings."""
        drawn = [keras.random.uniform((samples, 1), seed=self._generator) for _ in range(2)]
        long = ops.floor(drawn[0] * (int(width * size) + 1))
        start = ops.floor(drawn[1] * (size - long + 1))
        places = ops.arange(size, dtype="float32")
        shape = (-1, size, 1, 1) if axis == 1 else (-1, 1, size, 1)
        return ops.reshape((places >= start) & (places < start + long), shape)


OWN_LAYERS: dict[str, type] = {cls.__name__: cls for cls in (SpecAugment,)}
"""What Keras has no layer for, under the names of the spec's classes."""


class Augmenter:
    """Changes batches at random, differently each time.

    Args:
        steps: what is done, in this order; none: nothing is.
        input_shape: of one sample.
        seed: what the first changes depend on; `variables` say what the next ones do.

    Example:
        Within a compiled step: `x, y = augmenter(x, y)`.
    """

    def __init__(self, steps: Sequence[Augmentation], input_shape: Shape, *, seed: int) -> None:
        self._layers = [
            (layer, step.mixes_labels)
            for index, step in enumerate(steps)
            for layer in _layers(step, input_shape, seed + index)
        ]
        reseed(self.variables, seed=seed, epoch=0)

    def __bool__(self) -> bool:
        return bool(self._layers)

    @property
    def variables(self) -> list[Any]:
        """The states of its random generators, in a fixed order."""
        return [variable for layer, _ in self._layers for variable in layer.variables]

    def __call__(self, x: Any, y: Any) -> tuple[Any, Any]:
        """A changed batch.

        Args:
            x: float32 (samples, height, width, channels); images from 0 to 255.
            y: the labels; float32 (samples, outputs) where a step mixes them.

        Returns:
            Both, in the same shapes.
        """
        for layer, mixes_labels in self._layers:
            if mixes_labels:
                mixed = layer({"images": x, "labels": y}, training=True)
                x, y = mixed["images"], mixed["labels"]
            else:
                x = layer(x, training=True)
        return x, y


def _layers(step: Augmentation, input_shape: Shape, seed: int) -> Iterator[Any]:
    if not step.namespace:
        yield OWN_LAYERS[step.kind](**step.arguments(), seed=seed)
        return
    for call in step.calls(input_shape, seed=seed):
        yield make(call)


def preview(
    steps: Sequence[Augmentation], images: npt.NDArray[np.uint8], *, copies: int, seed: int
) -> npt.NDArray[np.uint8]:
    """Returns what augmentation makes of some images, as a training would in its first epochs.

    Args:
        steps: in their order.
        images: uint8 (samples, height, width, channels), together one batch.
        copies: how often each is changed.
        seed: another one, other changes.

    Shape:
        result: uint8 (samples, copies, height, width, channels).
    """
    augmenter = Augmenter(steps, images.shape[1:], seed=seed)
    labels = np.zeros((len(images), 1), np.float32)
    changed = []
    for copy in range(copies):
        reseed(augmenter.variables, seed=seed, epoch=copy)
        x, _ = augmenter(images.astype(np.float32), labels)
        changed.append(np.clip(np.rint(ops.convert_to_numpy(x)), 0, 255).astype(np.uint8))
    return np.stack(changed, axis=1)
