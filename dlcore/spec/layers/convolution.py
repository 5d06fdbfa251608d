"""Layers that slide learned filters over an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    CONVOLUTION,
    LAYERS,
    Layer,
    ParameterCount,
    Shape,
    elements,
    require_image,
    windows,
)
from dlcore.spec.regularizers import OptionalRegularizer

KernelSize = Annotated[
    tuple[Annotated[int, Field(ge=1, le=255)], Annotated[int, Field(ge=1, le=255)]],
    BeforeValidator(f.pair),
]


class _Convolution(Layer):
    """The arguments and the geometry that all convolutions share."""

    group: ClassVar[str] = CONVOLUTION

    kernel_size: KernelSize = arg((3, 3), N_("Height and width of the filter, in pixels."))
    strides: f.Pair = arg((1, 1), N_("How far the filter moves each time; 2 halves the size."))
    padding: f.Padding = arg("valid", N_("'same' keeps the size, 'valid' uses only full windows."))
    dilation_rate: f.Pair = arg((1, 1), N_("Gap between the filter's points; 1 means none."), advanced=True)
    activation: f.Activation = arg("linear", f.ACTIVATION_HELP)
    use_bias: bool = arg(True, f.USE_BIAS_HELP, advanced=True)

    def _spatial(self, shape: Shape) -> tuple[int, int]:
        height, width, _ = require_image(shape)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise SpecError(
                N_("strides and dilation_rate are both greater than 1."),
                hint=N_("Set one of them to 1."),
                where="dilation_rate",
            )
        spans = [(k - 1) * d + 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)]
        return (
            windows(height, spans[0], self.strides[0], self.padding, field="kernel_size"),
            windows(width, spans[1], self.strides[1], self.padding, field="kernel_size"),
        )

    @property
    def _window(self) -> int:
        return self.kernel_size[0] * self.kernel_size[1]


@LAYERS.register
class Conv2D(_Convolution):
    """Each output channel is one learned filter over all input channels."""

    summary: ClassVar[str] = N_("Learned filters slide over the image and find patterns.")

    filters: f.PositiveInt = arg(32, N_("How many patterns it looks for: output channels."), first=True)
    groups: f.PositiveInt = arg(
        1, N_("Channels are split into this many groups, each with its own filters."), advanced=True
    )
    kernel_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    kernel_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(height, width, filters)."""
        spatial, channels = self._spatial(inputs[0]), inputs[0][2]
        for field, value in (("groups", channels), ("filters", self.filters)):
            if value % self.groups:
                raise SpecError(
                    N_("{value} channels cannot be split into {groups} equal groups."),
                    hint=N_("Choose groups that divide {value}."),
                    where=field,
                    value=value,
                    groups=self.groups,
                )
        return (*spatial, self.filters)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """kernel_h · kernel_w · in/groups · filters, and a bias each."""
        weights = self._window * (inputs[0][2] // self.groups) * self.filters
        return ParameterCount(weights + self.filters * self.use_bias)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight at each place."""
        per_output = 2 * self._window * (inputs[0][2] // self.groups) + self.use_bias
        return per_output * elements(self.output_shape(inputs))


@LAYERS.register
class DepthwiseConv2D(_Convolution):
    """Filters each channel by itself."""

    summary: ClassVar[str] = N_("Filters each channel by itself: few parameters.")

    depth_multiplier: f.PositiveInt = arg(1, N_("Output channels for each input channel."))
    depthwise_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    depthwise_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(height, width, channels · depth_multiplier)."""
        return (*_square_strides(self)._spatial(inputs[0]), inputs[0][2] * self.depth_multiplier)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """kernel_h · kernel_w · channels · depth_multiplier, and a bias each."""
        outputs = inputs[0][2] * self.depth_multiplier
        return ParameterCount(self._window * outputs + outputs * self.use_bias)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight at each place."""
        return (2 * self._window + self.use_bias) * elements(self.output_shape(inputs))


@LAYERS.register
class SeparableConv2D(_Convolution):
    """A depthwise convolution, then a 1×1 convolution over the channels."""

    summary: ClassVar[str] = N_("A Conv2D in two cheaper steps: each channel alone, then across channels.")

    filters: f.PositiveInt = arg(32, N_("How many patterns it looks for: output channels."), first=True)
    depth_multiplier: f.PositiveInt = arg(
        1, N_("Depthwise output channels for each input channel."), advanced=True
    )
    depthwise_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    pointwise_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    depthwise_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    pointwise_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(height, width, filters)."""
        return (*_square_strides(self)._spatial(inputs[0]), self.filters)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """The depthwise kernel, the pointwise kernel, and a bias for each filter."""
        middle = inputs[0][2] * self.depth_multiplier
        weights = self._window * middle + middle * self.filters
        return ParameterCount(weights + self.filters * self.use_bias)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight of both steps at each place."""
        height, width, _ = self.output_shape(inputs)
        middle = inputs[0][2] * self.depth_multiplier
        per_place = 2 * self._window * middle + (2 * middle + self.use_bias) * self.filters
        return per_place * height * width


def _square_strides(layer: Any) -> Any:
    """The layer itself, checked: TensorFlow's depthwise kernels take only equal strides."""
    if layer.strides[0] != layer.strides[1]:
        raise SpecError(
            N_("expected equal strides for height and width, got {strides}."),
            hint=N_("Use the same number twice."),
            where="strides",
            strides=str(layer.strides),
        )
    return layer
