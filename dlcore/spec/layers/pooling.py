"""Layers that make an image smaller by summarising its neighbourhoods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import BeforeValidator

from dlcore.errors import N_
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, POOLING, Layer, Shape, elements, require_image, windows

OptionalPair = Annotated[tuple[f.PositiveInt, f.PositiveInt] | None, BeforeValidator(f.pair)]


class _Pooling(Layer):
    """The geometry that both window poolings share."""

    group: ClassVar[str] = POOLING

    pool_size: f.Pair = arg((2, 2), N_("Height and width of the window, in pixels."))
    strides: OptionalPair = arg(None, N_("How far the window moves; empty: by its own size."), advanced=True)
    padding: f.Padding = arg("valid", N_("'same' keeps the border, 'valid' uses only full windows."))

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(height, width, channels), each axis with as many places as the window has."""
        height, width, channels = require_image(inputs[0])
        strides = self.strides or self.pool_size
        return (
            windows(height, self.pool_size[0], strides[0], self.padding, field="pool_size"),
            windows(width, self.pool_size[1], strides[1], self.padding, field="pool_size"),
            channels,
        )

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value in each window."""
        return self.pool_size[0] * self.pool_size[1] * elements(self.output_shape(inputs))


@LAYERS.register
class MaxPooling2D(_Pooling):
    """Keeps the largest value of each window."""

    summary: ClassVar[str] = N_("Keeps the largest value of each window: smaller, and sharper.")


@LAYERS.register
class AveragePooling2D(_Pooling):
    """Keeps the mean of each window."""

    summary: ClassVar[str] = N_("Keeps the mean of each window: smaller, and smoother.")


class _GlobalPooling(Layer):
    """One number a channel."""

    group: ClassVar[str] = POOLING

    keepdims: bool = arg(False, N_("Whether height and width stay, as 1 × 1."), advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(channels,), or (1, 1, channels)."""
        channels = require_image(inputs[0])[2]
        return (1, 1, channels) if self.keepdims else (channels,)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each input value."""
        return elements(inputs[0])


@LAYERS.register
class GlobalAveragePooling2D(_GlobalPooling):
    """The mean of each channel."""

    summary: ClassVar[str] = N_("The mean of each channel: turns an image into a vector.")


@LAYERS.register
class GlobalMaxPooling2D(_GlobalPooling):
    """The largest value of each channel."""

    summary: ClassVar[str] = N_("The largest value of each channel: turns an image into a vector.")
