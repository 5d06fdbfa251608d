"""Layers that make training harder, so that what is learned holds for new data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, REGULARIZATION, Layer, Shape, element_count, require_grid


@LAYERS.register
class Dropout(Layer):
    """Sets random values to zero while training (Srivastava et al., 2014)."""

    shown: ClassVar[tuple[str, ...]] = ("rate",)
    title: ClassVar[str] = N_("Random zeros")
    common: ClassVar[Mapping[int, int]] = {1: 2, 2: 7, 3: 4}
    summary: ClassVar[str] = N_("Sets random values to zero while training: less overfitting.")
    group: ClassVar[str] = REGULARIZATION
    passes_masks: ClassVar[bool] = True

    rate: float = arg(0.5, N_("The share of values set to zero, from 0 to 1."), ge=0, lt=1)


class _SpatialDropout(Layer):
    """Sets whole random channels to zero while training (Tompson et al., 2015)."""

    shown: ClassVar[tuple[str, ...]] = ("rate",)
    group: ClassVar[str] = REGULARIZATION
    # Keras' constructor does not take it: there is nothing to freeze.
    not_arguments: ClassVar[frozenset[str]] = Layer.not_arguments | {"trainable"}
    rank: ClassVar[int]

    rate: float = arg(0.5, N_("The share of channels set to zero, from 0 to 1."), ge=0, lt=1)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        return require_grid(inputs[0], self.rank)


@LAYERS.register
class SpatialDropout2D(_SpatialDropout):
    """Sets whole random channels of an image to zero while training."""

    title: ClassVar[str] = N_("Random zeros in whole channels")
    summary: ClassVar[str] = N_("Sets whole random channels to zero while training.")
    rank: ClassVar[int] = 2


@LAYERS.register
class SpatialDropout1D(_SpatialDropout):
    """Sets whole random features of a sequence to zero while training."""

    title: ClassVar[str] = N_("Random zeros in whole features")
    summary: ClassVar[str] = N_("Sets whole random features of a sequence to zero while training.")
    rank: ClassVar[int] = 1
    passes_masks: ClassVar[bool] = True


@LAYERS.register
class GaussianNoise(Layer):
    """Adds random numbers to each value while training."""

    title: ClassVar[str] = N_("Random noise")
    summary: ClassVar[str] = N_("Adds random numbers to each value while training.")
    group: ClassVar[str] = REGULARIZATION
    shown: ClassVar[tuple[str, ...]] = ("stddev",)
    passes_masks: ClassVar[bool] = True

    stddev: float = arg(
        0.1, N_("The standard deviation of the noise."), ge=0, le=1000, label=N_("Standard deviation")
    )

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value."""
        return element_count(inputs[0])
