"""Layers that change how many places a volume, an image or a sequence has, without learning anything."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from dlcore.errors import N_
from dlcore.spec import fields as f
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, RESHAPING, Layer, Shape, per_axis, require_grid


class Grid(Layer):
    """What changes the places of a volume, an image or a sequence and keeps the channels."""

    group: ClassVar[str] = RESHAPING
    rank: ClassVar[int]

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the new sizes, and the channels."""
        *sizes, channels = require_grid(inputs[0], self.rank)
        return (*self.places(tuple(sizes)), channels)

    def places(self, sizes: Shape) -> Shape:
        """Returns the new sizes of all axes but the channels."""
        raise NotImplementedError


class _UpSampling(Grid):
    size: int | tuple[int, ...]

    def places(self, sizes: Shape) -> Shape:
        """Returns each size, as many times as the factor says."""
        return tuple(old * factor for old, factor in zip(sizes, per_axis(self.size), strict=True))


@LAYERS.register
class UpSampling2D(_UpSampling):
    """Each pixel several times, or values between them."""

    title: ClassVar[str] = N_("Enlarged image")
    summary: ClassVar[str] = N_("Makes an image larger by a whole factor.")
    rank: ClassVar[int] = 2

    size: f.Pair = arg((2, 2), N_("The factors for height and width."))
    # The others of Keras cannot be compiled for a GPU, or not their gradient; so it is with Resizing.
    interpolation: Literal["nearest", "bilinear"] = arg(
        "nearest", N_("How new pixels are computed from the old ones.")
    )


@LAYERS.register
class UpSampling1D(_UpSampling):
    """Each step several times."""

    title: ClassVar[str] = N_("Longer sequence")
    summary: ClassVar[str] = N_("Makes a sequence longer: each step several times.")
    rank: ClassVar[int] = 1

    size: f.PositiveInt = arg(2, N_("How many times each step is repeated."))


@LAYERS.register
class UpSampling3D(_UpSampling):
    """Each point of a volume several times."""

    title: ClassVar[str] = N_("Enlarged volume")
    summary: ClassVar[str] = N_("Makes a volume larger by a whole factor.")
    rank: ClassVar[int] = 3

    size: f.Triple = arg((2, 2, 2), N_("The factors for depth, height and width."))


@LAYERS.register
class Resizing(Grid):
    """An image brought to a fixed size, new pixels by lines between the old ones."""

    title: ClassVar[str] = N_("Another image size")
    summary: ClassVar[str] = N_("Resizes an image to a fixed size.")
    rank: ClassVar[int] = 2
    shown: ClassVar[tuple[str, ...]] = ("height", "width")
    trains_by_default: ClassVar[bool] = True

    height: f.PositiveInt = arg(32, N_("The new height, in pixels."), first=True)
    width: f.PositiveInt = arg(32, N_("The new width, in pixels."), first=True)
    crop_to_aspect_ratio: bool = arg(
        False, N_("Whether to crop the border instead of distorting the image."), advanced=True
    )

    def places(self, sizes: Shape) -> Shape:
        """Returns the size it is told."""
        return (self.height, self.width)
