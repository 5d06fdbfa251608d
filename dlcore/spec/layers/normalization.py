"""Layers that bring activations to a common scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, NORMALIZATION, Layer, ParameterCount, Shape, element_count


class _Normalization(Layer):
    """What these normalisations share: they act on the last axis and may learn scale and shift."""

    group: ClassVar[str] = NORMALIZATION

    epsilon: float = arg(
        0.001,
        N_("Added to the variance so that nothing is divided by zero."),
        gt=0,
        le=1,
        search=f.Scale.MAGNITUDES,
    )
    center: bool = arg(True, N_("Whether a shift is learned for each channel."), advanced=True)
    scale: bool = arg(True, N_("Whether a factor is learned for each channel."), advanced=True)

    def _learned(self, shape: Shape) -> int:
        return shape[-1] * (int(self.center) + int(self.scale))

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Subtract, divide, scale and shift each value."""
        return element_count(inputs[0]) * (2 + int(self.center) + int(self.scale))


@LAYERS.register
class BatchNormalization(_Normalization):
    """Normalises each channel over the batch (Ioffe and Szegedy, 2015)."""

    title: ClassVar[str] = N_("Normalization over the batch")
    common: ClassVar[Mapping[int, int]] = {1: 3, 3: 3}
    summary: ClassVar[str] = N_("Normalizes each channel over the batch: faster, steadier training.")
    passes_masks: ClassVar[bool] = True

    momentum: float = arg(0.99, N_("The momentum of the running mean and variance."), ge=0, lt=1)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Scale and shift are learned; the running mean and variance are kept."""
        return ParameterCount(self._learned(inputs[0]), 2 * inputs[0][-1])


@LAYERS.register
class LayerNormalization(_Normalization):
    """Normalises each position over its channels (Ba, Kiros and Hinton, 2016)."""

    title: ClassVar[str] = N_("Normalization over the channels")
    summary: ClassVar[str] = N_("Normalizes each position over its channels; independent of the batch.")
    passes_masks: ClassVar[bool] = True

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Scale and shift."""
        return ParameterCount(self._learned(inputs[0]))


@LAYERS.register
class GroupNormalization(_Normalization):
    """Normalises groups of channels within each sample (Wu and He, 2018)."""

    title: ClassVar[str] = N_("Normalization over groups of channels")
    summary: ClassVar[str] = N_("Normalizes groups of channels of each sample; good for small batches.")

    groups: f.PositiveInt = arg(32, N_("How many groups the channels are split into."), first=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        if inputs[0][-1] % self.groups:
            raise SpecError(
                N_("the number of channels, {value}, is not a multiple of the number of groups, {groups}."),
                hint=N_("Choose groups that divide {value}."),
                where="groups",
                value=inputs[0][-1],
                groups=self.groups,
            )
        return inputs[0]

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Scale and shift."""
        return ParameterCount(self._learned(inputs[0]))


@LAYERS.register
class UnitNormalization(Layer):
    """Divides each position by its length over the channels."""

    title: ClassVar[str] = N_("Scaling to a length of 1")
    summary: ClassVar[str] = N_("Scales the channels of each position to a length of 1.")
    group: ClassVar[str] = NORMALIZATION
    passes_masks: ClassVar[bool] = True

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Square, sum and divide each value."""
        return 3 * element_count(inputs[0])
