"""Convolutions that filter each channel by itself: few parameters."""

from collections.abc import Sequence
from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, ParameterCount, Shape, element_count
from dlcore.spec.layers.convolution import PADDING_HELP, Convolution, Convolution1D, Convolution2D
from dlcore.spec.regularizers import OptionalRegularizer


class _SeparableConvolution(Convolution):
    """A depthwise convolution, then one of a single point over the channels."""

    shown: ClassVar[tuple[str, ...]] = ("filters", "kernel_size", "activation")

    equal_strides: ClassVar[bool] = True

    filters: f.PositiveInt = arg(
        32, N_("The number of patterns it looks for: output channels."), first=True, search=f.Scale.POWERS
    )
    depth_multiplier: f.PositiveInt = arg(
        1, N_("Depthwise output channels for each input channel."), advanced=True, search=f.Scale.POWERS
    )
    depthwise_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    pointwise_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    depthwise_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    pointwise_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the places along each axis, and `filters` channels."""
        return (*self.places(inputs[0]), self.filters)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Returns the depthwise kernel, the pointwise kernel, and a bias for each filter."""
        middle = inputs[0][-1] * self.depth_multiplier
        weights = self.window * middle + middle * self.filters
        return ParameterCount(weights + self.filters * self.use_bias)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight of both steps at each place."""
        places = element_count(self.output_shape(inputs)[:-1])
        middle = inputs[0][-1] * self.depth_multiplier
        return (2 * self.window * middle + (2 * middle + self.use_bias) * self.filters) * places


@LAYERS.register
class SeparableConv2D(Convolution2D, _SeparableConvolution):
    """A depthwise convolution, then a 1×1 convolution over the channels."""

    title: ClassVar[str] = N_("Separable, over an image")
    summary: ClassVar[str] = N_(
        "A Conv2D in two cheaper steps: each channel on its own, then across channels."
    )


@LAYERS.register
class SeparableConv1D(Convolution1D, _SeparableConvolution):
    """A depthwise convolution along a sequence, then one across its features."""

    title: ClassVar[str] = N_("Separable, over a sequence")
    summary: ClassVar[str] = N_(
        "A Conv1D in two cheaper steps: each feature on its own, then across features."
    )

    padding: f.Padding = arg("valid", PADDING_HELP)


class _DepthwiseConvolution(Convolution):
    """Filters each channel by itself."""

    equal_strides: ClassVar[bool] = True

    depth_multiplier: f.PositiveInt = arg(
        1, N_("Output channels for each input channel."), search=f.Scale.POWERS
    )
    depthwise_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    depthwise_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(height, width, channels · depth_multiplier), or (steps, channels · depth_multiplier)."""
        return (*self.places(inputs[0]), inputs[0][-1] * self.depth_multiplier)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Window · channels · depth_multiplier, and a bias each."""
        outputs = inputs[0][-1] * self.depth_multiplier
        return ParameterCount(self.window * outputs + outputs * self.use_bias)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight at each place."""
        return (2 * self.window + self.use_bias) * element_count(self.output_shape(inputs))


@LAYERS.register
class DepthwiseConv2D(Convolution2D, _DepthwiseConvolution):
    """Filters each channel of an image by itself."""

    title: ClassVar[str] = N_("Depthwise convolution")
    summary: ClassVar[str] = N_("Filters each channel separately: few parameters.")


@LAYERS.register
class DepthwiseConv1D(Convolution1D, _DepthwiseConvolution):
    """Filters each feature of a sequence by itself."""

    title: ClassVar[str] = N_("Depthwise, over a sequence")
    summary: ClassVar[str] = N_("Filters each feature of a sequence separately: few parameters.")

    padding: f.Padding = arg("valid", PADDING_HELP)
