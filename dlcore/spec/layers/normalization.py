"""Layers that bring activations to a common scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, NORMALIZATION, Layer, ParameterCount, Shape, elements


class _Normalization(Layer):
    """What both normalisations share: they act on the last axis and may learn scale and shift."""

    group: ClassVar[str] = NORMALIZATION

    epsilon: float = arg(0.001, N_("Added to the variance so that nothing is divided by zero."), gt=0, le=1)
    center: bool = arg(True, N_("Whether a shift is learned for each channel."), advanced=True)
    scale: bool = arg(True, N_("Whether a factor is learned for each channel."), advanced=True)

    def _learned(self, shape: Shape) -> int:
        return shape[-1] * (int(self.center) + int(self.scale))

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Subtract, divide, scale and shift each value."""
        return elements(inputs[0]) * (2 + int(self.center) + int(self.scale))


@LAYERS.register
class BatchNormalization(_Normalization):
    """Normalises each channel over the batch (Ioffe and Szegedy, 2015)."""

    summary: ClassVar[str] = N_("Normalises each channel over the batch: faster, steadier training.")

    momentum: float = arg(0.99, N_("How slowly the running mean and variance follow."), ge=0, lt=1)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Scale and shift are learned; the running mean and variance are kept."""
        return ParameterCount(self._learned(inputs[0]), 2 * inputs[0][-1])


@LAYERS.register
class LayerNormalization(_Normalization):
    """Normalises each position over its channels (Ba, Kiros and Hinton, 2016)."""

    summary: ClassVar[str] = N_("Normalises each position over its channels; independent of the batch.")

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Scale and shift."""
        return ParameterCount(self._learned(inputs[0]))
