"""Layers that make a volume, an image or a sequence smaller by summarising its neighbourhoods."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, ClassVar

from pydantic import BeforeValidator

from dlcore.errors import N_
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    LAYERS,
    POOLING,
    Shape,
    StepLayer,
    element_count,
    per_axis,
    require_grid,
    windows,
)

OptionalTriple = Annotated[
    tuple[f.PositiveInt, f.PositiveInt, f.PositiveInt] | None, BeforeValidator(f.triple)
]
OptionalPair = Annotated[tuple[f.PositiveInt, f.PositiveInt] | None, BeforeValidator(f.pair)]


class _Pooling(StepLayer):
    """The geometry that all window poolings share."""

    shown: ClassVar[tuple[str, ...]] = ("pool_size",)
    group: ClassVar[str] = POOLING
    rank: ClassVar[int]

    pool_size: int | tuple[int, ...]
    strides: int | tuple[int, ...] | None
    padding: f.Padding = arg("valid", N_("'same' keeps the border, 'valid' uses only full windows."))

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns each axis with as many places as the window has; the channels stay."""
        *sizes, channels = require_grid(inputs[0], self.rank)
        moves = zip(sizes, per_axis(self.pool_size), per_axis(self.strides or self.pool_size), strict=True)
        places = (windows(*one, self.padding, field="pool_size") for one in moves)
        return (*places, channels)

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each value in each window."""
        return prod(per_axis(self.pool_size)) * element_count(self.output_shape(inputs))


class _Pooling2D(_Pooling):
    rank: ClassVar[int] = 2

    pool_size: f.Pair = arg((2, 2), N_("Height and width of the window, in pixels."))
    strides: OptionalPair = arg(None, N_("How far the window moves; empty: by its own size."), advanced=True)


class _Pooling1D(_Pooling):
    rank: ClassVar[int] = 1

    pool_size: f.PositiveInt = arg(2, N_("Length of the window, in steps."))
    strides: f.PositiveInt | None = arg(
        None, N_("How far the window moves; empty: by its own size."), advanced=True
    )


@LAYERS.register
class MaxPooling2D(_Pooling2D):
    """Keeps the largest value of each window."""

    title: ClassVar[str] = N_("Maximum pooling over an image")
    common: ClassVar[Mapping[int, int]] = {3: 2}
    summary: ClassVar[str] = N_("Keeps the largest value of each window: smaller, and sharper.")


@LAYERS.register
class AveragePooling2D(_Pooling2D):
    """Keeps the mean of each window."""

    title: ClassVar[str] = N_("Average pooling over an image")
    summary: ClassVar[str] = N_("Keeps the mean of each window: smaller, and smoother.")


@LAYERS.register
class MaxPooling1D(_Pooling1D):
    """Keeps the largest value of each window of steps."""

    title: ClassVar[str] = N_("Maximum pooling over a sequence")
    common: ClassVar[Mapping[int, int]] = {2: 2}
    summary: ClassVar[str] = N_("Keeps the largest value of each few steps: shorter, and sharper.")


@LAYERS.register
class AveragePooling1D(_Pooling1D):
    """Keeps the mean of each window of steps."""

    title: ClassVar[str] = N_("Average pooling over a sequence")
    summary: ClassVar[str] = N_("Keeps the mean of each few steps: shorter, and smoother.")


class _Pooling3D(_Pooling):
    rank: ClassVar[int] = 3

    pool_size: f.Triple = arg((2, 2, 2), N_("Depth, height and width of the window."))
    strides: OptionalTriple = arg(
        None, N_("How far the window moves; empty: by its own size."), advanced=True
    )


@LAYERS.register
class MaxPooling3D(_Pooling3D):
    """Keeps the largest value of each window of a volume."""

    title: ClassVar[str] = N_("Maximum pooling over a volume")
    common: ClassVar[Mapping[int, int]] = {4: 2}
    summary: ClassVar[str] = N_("Keeps the largest value of each block of a volume: smaller, and sharper.")


@LAYERS.register
class AveragePooling3D(_Pooling3D):
    """Keeps the mean of each window of a volume."""

    title: ClassVar[str] = N_("Average pooling over a volume")
    summary: ClassVar[str] = N_("Keeps the mean of each block of a volume: smaller, and smoother.")


class _GlobalPooling(StepLayer):
    """One number per channel."""

    group: ClassVar[str] = POOLING
    rank: ClassVar[int]

    keepdims: bool = arg(False, N_("Whether the pooled axes stay, each with a size of 1."), advanced=True)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(channels,), with a 1 before it for each axis kept."""
        kept = (1,) * self.rank if self.keepdims else ()
        return (*kept, require_grid(inputs[0], self.rank)[-1])

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each input value."""
        return element_count(inputs[0])


@LAYERS.register
class GlobalAveragePooling2D(_GlobalPooling):
    """The mean of each channel."""

    title: ClassVar[str] = N_("Mean of each channel")
    common: ClassVar[Mapping[int, int]] = {3: 5}
    summary: ClassVar[str] = N_("The mean of each channel: turns an image into a vector.")
    rank: ClassVar[int] = 2


@LAYERS.register
class GlobalMaxPooling2D(_GlobalPooling):
    """The largest value of each channel."""

    title: ClassVar[str] = N_("Maximum of each channel")
    summary: ClassVar[str] = N_("The largest value of each channel: turns an image into a vector.")
    rank: ClassVar[int] = 2


@LAYERS.register
class GlobalAveragePooling1D(_GlobalPooling):
    """The mean of each feature over all steps."""

    title: ClassVar[str] = N_("Mean of each feature")
    summary: ClassVar[str] = N_("The mean of each feature: turns a sequence into a vector.")
    rank: ClassVar[int] = 1


@LAYERS.register
class GlobalMaxPooling1D(_GlobalPooling):
    """The largest value of each feature over all steps."""

    title: ClassVar[str] = N_("Maximum of each feature")
    common: ClassVar[Mapping[int, int]] = {2: 3}
    summary: ClassVar[str] = N_("The largest value of each feature: turns a sequence into a vector.")
    rank: ClassVar[int] = 1


@LAYERS.register
class GlobalAveragePooling3D(_GlobalPooling):
    """The mean of each channel over a whole volume."""

    title: ClassVar[str] = N_("Mean of each channel of a volume")
    common: ClassVar[Mapping[int, int]] = {4: 3}
    summary: ClassVar[str] = N_("The mean of each channel: turns a volume into a vector.")
    rank: ClassVar[int] = 3


@LAYERS.register
class GlobalMaxPooling3D(_GlobalPooling):
    """The largest value of each channel over a whole volume."""

    title: ClassVar[str] = N_("Maximum of each channel of a volume")
    summary: ClassVar[str] = N_("The largest value of each channel: turns a volume into a vector.")
    rank: ClassVar[int] = 3


class _AdaptivePooling(StepLayer):
    """As many windows as the output is to have places, their size following from the input."""

    shown: ClassVar[tuple[str, ...]] = ("output_size",)
    group: ClassVar[str] = POOLING
    rank: ClassVar[int]

    output_size: int | tuple[int, ...]

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the size that is asked for; the channels stay."""
        return (*per_axis(self.output_size), require_grid(inputs[0], self.rank)[-1])

    def flops(self, inputs: Sequence[Shape]) -> int:
        """One for each input value."""
        return element_count(inputs[0])


class _AdaptivePooling1D(_AdaptivePooling):
    rank: ClassVar[int] = 1

    output_size: f.PositiveInt = arg(4, N_("How many steps the output has."))


class _AdaptivePooling2D(_AdaptivePooling):
    rank: ClassVar[int] = 2

    output_size: f.Pair = arg((4, 4), N_("Height and width of the output, in pixels."))


class _AdaptivePooling3D(_AdaptivePooling):
    rank: ClassVar[int] = 3

    output_size: f.Triple = arg((4, 4, 4), N_("Depth, height and width of the output."))


@LAYERS.register
class AdaptiveAveragePooling1D(_AdaptivePooling1D):
    """Brings a sequence to a length by means."""

    title: ClassVar[str] = N_("Average pooling to a length")
    summary: ClassVar[str] = N_("Brings a sequence of any length to a fixed one by means.")


@LAYERS.register
class AdaptiveMaxPooling1D(_AdaptivePooling1D):
    """Brings a sequence to a length by largest values."""

    title: ClassVar[str] = N_("Maximum pooling to a length")
    summary: ClassVar[str] = N_("Brings a sequence of any length to a fixed one by largest values.")


@LAYERS.register
class AdaptiveAveragePooling2D(_AdaptivePooling2D):
    """Brings an image to a size by means."""

    title: ClassVar[str] = N_("Average pooling to an image size")
    summary: ClassVar[str] = N_("Brings an image of any size to a fixed one by means.")


@LAYERS.register
class AdaptiveMaxPooling2D(_AdaptivePooling2D):
    """Brings an image to a size by largest values."""

    title: ClassVar[str] = N_("Maximum pooling to an image size")
    summary: ClassVar[str] = N_("Brings an image of any size to a fixed one by largest values.")


@LAYERS.register
class AdaptiveAveragePooling3D(_AdaptivePooling3D):
    """Brings a volume to a size by means."""

    title: ClassVar[str] = N_("Average pooling to a volume's size")
    summary: ClassVar[str] = N_("Brings a volume of any size to a fixed one by means.")


@LAYERS.register
class AdaptiveMaxPooling3D(_AdaptivePooling3D):
    """Brings a volume to a size by largest values."""

    title: ClassVar[str] = N_("Maximum pooling to a volume's size")
    summary: ClassVar[str] = N_("Brings a volume of any size to a fixed one by largest values.")
