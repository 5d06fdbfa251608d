"""Layers that slide learned filters over a volume, an image or a sequence."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    CONVOLUTION,
    LAYERS,
    ParameterCount,
    Shape,
    StepLayer,
    element_count,
    per_axis,
    require_grid,
    windows,
)
from dlcore.spec.regularizers import OptionalRegularizer

KernelLength = Annotated[int, Field(ge=1, le=255)]
KernelSize = Annotated[tuple[KernelLength, KernelLength], BeforeValidator(f.pair)]
KernelVolume = Annotated[tuple[KernelLength, KernelLength, KernelLength], BeforeValidator(f.triple)]
Extra = Annotated[int, Field(ge=0, le=1_000_000)]
PADDING_HELP = N_("'same' keeps the size, 'valid' uses only full windows.")
OptionalVolumeExtra = Annotated[tuple[Extra, Extra, Extra] | None, BeforeValidator(f.triple)]
OptionalExtra = Annotated[tuple[Extra, Extra] | None, BeforeValidator(f.pair)]


class Sliding(StepLayer):
    """The arguments that all layers with sliding filters share."""

    shown: ClassVar[tuple[str, ...]] = ("kernel_size", "activation")
    group: ClassVar[str] = CONVOLUTION
    rank: ClassVar[int]
    """How many axes the filters slide along."""

    kernel_size: int | tuple[int, ...]
    strides: int | tuple[int, ...]
    padding: str
    activation: f.Activation = arg("linear", f.ACTIVATION_HELP, tried=f.TRIED_ACTIVATIONS)
    use_bias: bool = arg(True, f.USE_BIAS_HELP, advanced=True)

    @property
    def window(self) -> int:
        """How many points a filter has."""
        return prod(per_axis(self.kernel_size))


class Sliding1D(Sliding):
    """Filters that slide along the steps of a sequence."""

    rank: ClassVar[int] = 1

    kernel_size: KernelLength = arg(3, N_("Length of the filter, in steps."), search=f.Scale.WINDOWS)
    strides: f.PositiveInt = arg(1, N_("How far the filter moves each time; 2 halves the length."))


class Sliding2D(Sliding):
    """Filters that slide over the height and the width of an image."""

    rank: ClassVar[int] = 2

    kernel_size: KernelSize = arg(
        (3, 3), N_("Height and width of the filter, in pixels."), search=f.Scale.WINDOWS
    )
    strides: f.Pair = arg((1, 1), N_("How far the filter moves each time; 2 halves the size."))
    padding: f.Padding = arg("valid", PADDING_HELP)


class Sliding3D(Sliding):
    """Filters that slide through the depth, the height and the width of a volume."""

    rank: ClassVar[int] = 3

    kernel_size: KernelVolume = arg(
        (3, 3, 3), N_("Depth, height and width of the filter."), search=f.Scale.WINDOWS
    )
    strides: f.Triple = arg((1, 1, 1), N_("How far the filter moves each time; 2 halves the size."))
    padding: f.Padding = arg("valid", PADDING_HELP)


class Convolution(Sliding):
    """The geometry of all convolutions that do not enlarge."""

    equal_strides: ClassVar[bool] = False
    """Whether TensorFlow's kernels take only equal strides for height and width."""

    dilation_rate: int | tuple[int, ...]

    def places(self, shape: Shape) -> Shape:
        """Returns how many places the filters have along each axis.

        Raises:
            SpecError: the input is no such grid, or too small; strides and dilation exclude each other.
        """
        strides, dilation = per_axis(self.strides), per_axis(self.dilation_rate)
        if self.equal_strides and len(set(strides)) > 1:
            raise SpecError(
                N_("expected equal strides for height and width, got {strides}."),
                hint=N_("Use the same number twice."),
                where="strides",
                strides=str(strides),
            )
        sizes = require_grid(shape, self.rank)[:-1]
        if max(strides) > 1 and max(dilation) > 1:
            raise SpecError(
                N_("strides and dilation_rate cannot both be greater than 1."),
                hint=N_("Set one of them to 1."),
                where="dilation_rate",
            )
        spans = [(k - 1) * d + 1 for k, d in zip(per_axis(self.kernel_size), dilation, strict=True)]
        return tuple(
            windows(size, span, stride, self.padding, field="kernel_size")
            for size, span, stride in zip(sizes, spans, strides, strict=True)
        )


class Convolution1D(Sliding1D, Convolution):
    """A convolution along a sequence that does not enlarge."""

    dilation_rate: f.PositiveInt = arg(1, N_("Gap between the filter's points; 1 means none."), advanced=True)


class Convolution2D(Sliding2D, Convolution):
    """A convolution over an image that does not enlarge."""

    dilation_rate: f.Pair = arg((1, 1), N_("Gap between the filter's points; 1 means none."), advanced=True)


class Convolution3D(Sliding3D, Convolution):
    """A convolution over a volume that does not enlarge."""

    dilation_rate: f.Triple = arg(
        (1, 1, 1), N_("Gap between the filter's points; 1 means none."), advanced=True
    )


class _FullConvolution(Convolution):
    """Each output channel is one learned filter over all input channels."""

    shown: ClassVar[tuple[str, ...]] = ("filters", "kernel_size", "activation")

    filters: f.PositiveInt = arg(
        32, N_("The number of patterns it looks for: output channels."), first=True, search=f.Scale.POWERS
    )
    groups: f.PositiveInt = arg(
        1, N_("Channels are split into this many groups, each with its own filters."), advanced=True
    )
    kernel_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    kernel_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the places along each axis, and `filters` channels."""
        places, channels = self.places(inputs[0]), inputs[0][-1]
        for field, value in (("groups", channels), ("filters", self.filters)):
            if value % self.groups:
                raise SpecError(
                    N_(
                        "the number of channels, {value}, is not a multiple of the number of groups, {groups}."
                    ),
                    hint=N_("Choose groups that divide {value}."),
                    where=field,
                    value=value,
                    groups=self.groups,
                )
        return (*places, self.filters)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Window · in/groups · filters, and a bias each."""
        weights = self.window * (inputs[0][-1] // self.groups) * self.filters
        return ParameterCount(weights + self.filters * self.use_bias)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight at each place."""
        per_output = 2 * self.window * (inputs[0][-1] // self.groups) + self.use_bias
        return per_output * element_count(self.output_shape(inputs))


@LAYERS.register
class Conv2D(Convolution2D, _FullConvolution):
    """Each output channel is one learned filter over all channels of an image."""

    title: ClassVar[str] = N_("Convolution over an image")
    common: ClassVar[Mapping[int, int]] = {3: 1}
    summary: ClassVar[str] = N_("Learned filters slide over the image and find patterns.")


@LAYERS.register
class Conv1D(Convolution1D, _FullConvolution):
    """Each output channel is one learned filter over all features of a sequence."""

    title: ClassVar[str] = N_("Convolution over a sequence")
    common: ClassVar[Mapping[int, int]] = {2: 1}
    summary: ClassVar[str] = N_("Learned filters slide along the sequence and find patterns.")

    padding: f.CausalPadding = arg(
        "valid",
        N_("'same' keeps the length, 'valid' uses only full windows, 'causal' looks only back."),
    )


@LAYERS.register
class Conv3D(Convolution3D, _FullConvolution):
    """Each output channel is one learned filter over all channels of a volume or a video."""

    title: ClassVar[str] = N_("Convolution over a volume")
    common: ClassVar[Mapping[int, int]] = {4: 1}
    summary: ClassVar[str] = N_("Learned filters slide through a volume or a video and find patterns.")


class _TransposedConvolution(Sliding):
    """The gradient of a convolution used as a layer: each input value paints one filter."""

    shown: ClassVar[tuple[str, ...]] = ("filters", "kernel_size", "activation")

    output_padding: int | tuple[int, ...] | None
    filters: f.PositiveInt = arg(32, N_("Output channels."), first=True, search=f.Scale.POWERS)
    kernel_initializer: f.Initializer = arg("glorot_uniform", f.KERNEL_INITIALIZER_HELP, advanced=True)
    bias_initializer: f.Initializer = arg("zeros", f.BIAS_INITIALIZER_HELP, advanced=True)
    kernel_regularizer: OptionalRegularizer = arg(None, f.KERNEL_REGULARIZER_HELP, advanced=True)
    bias_regularizer: OptionalRegularizer = arg(None, f.BIAS_REGULARIZER_HELP, advanced=True)
    activity_regularizer: OptionalRegularizer = arg(None, f.ACTIVITY_REGULARIZER_HELP, advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns each axis about `strides` times as long, and `filters` channels."""
        sizes = require_grid(inputs[0], self.rank)[:-1]
        extras: tuple[int | None, ...] = (
            (None,) * self.rank if self.output_padding is None else per_axis(self.output_padding)
        )
        longer = zip(sizes, per_axis(self.kernel_size), per_axis(self.strides), extras, strict=True)
        return (*(self._longer(*one) for one in longer), self.filters)

    def _longer(self, size: int, window: int, stride: int, extra: int | None) -> int:
        """Returns Keras' rule: without `extra`, "same" gives size · stride; "valid" adds what sticks out."""
        if extra is not None and extra >= stride:
            raise SpecError(
                N_("expected a padding below the stride of {stride}, got {extra}."),
                hint=N_("Lower it, or leave it empty."),
                where="output_padding",
                stride=stride,
                extra=extra,
            )
        if self.padding == "valid":
            return (size - 1) * stride + window + (max(stride - window, 0) if extra is None else extra)
        if extra is not None and window % 2 + extra == 0:
            raise SpecError(
                N_("a kernel of even size with 'same' needs a padding of at least 1."),
                hint=N_("Raise it, or leave it empty."),
                where="output_padding",
            )
        return size * stride if extra is None else (size - 1) * stride + window % 2 + extra

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Window · in · filters, and a bias each."""
        return ParameterCount(self.window * inputs[0][-1] * self.filters + self.filters * self.use_bias)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Two for each weight at each place of the input, and the biases of the output."""
        places = element_count(inputs[0][:-1])
        weights = self.window * inputs[0][-1] * self.filters
        return 2 * weights * places + self.use_bias * element_count(self.output_shape(inputs))


@LAYERS.register
class Conv2DTranspose(Sliding2D, _TransposedConvolution):
    """A convolution the other way round: each pixel paints a filter, so the image grows."""

    title: ClassVar[str] = N_("Transposed, over an image")
    summary: ClassVar[str] = N_("A transposed convolution: makes an image larger.")

    output_padding: OptionalExtra = arg(
        None, N_("Rows and columns added to the output; empty: chosen for you."), advanced=True
    )


@LAYERS.register
class Conv1DTranspose(Sliding1D, _TransposedConvolution):
    """A convolution the other way round: each step paints a filter, so the sequence grows."""

    title: ClassVar[str] = N_("Transposed, over a sequence")
    summary: ClassVar[str] = N_("A transposed convolution: makes a sequence longer.")

    padding: f.Padding = arg("valid", PADDING_HELP)
    output_padding: Extra | None = arg(
        None, N_("Steps added to the output; empty: chosen for you."), advanced=True
    )


@LAYERS.register
class Conv3DTranspose(Sliding3D, _TransposedConvolution):
    """A convolution the other way round: each point paints a filter, so the volume grows."""

    title: ClassVar[str] = N_("Transposed, over a volume")
    summary: ClassVar[str] = N_("A transposed convolution: makes a volume larger.")

    output_padding: OptionalVolumeExtra = arg(
        None, N_("Planes, rows and columns added to the output; empty: chosen for you."), advanced=True
    )
