"""Layers that rearrange values or change the spatial size, without learning anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.base import problem
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    LAYERS,
    RESHAPING,
    Layer,
    Shape,
    element_count,
    per_axis,
    require_grid,
)

Size = Annotated[int, Field(ge=f.OPEN, le=1_000_000_000)]
Border = Annotated[int, Field(ge=0, le=1_000_000)]
Borders = Annotated[tuple[Border, Border], BeforeValidator(f.pair)]


def _flat_sides(value: Any) -> Any:
    """Returns one number, or Keras' pairs of numbers, as a plain list; anything else as it is."""
    if isinstance(value, int):
        return (value,)
    pairs = isinstance(value, (list, tuple)) and len(value) == 2
    if pairs and all(isinstance(side, (list, tuple)) and len(side) == 2 for side in value):
        return (*value[0], *value[1])
    return value


def _check_sides(sides: tuple[int, ...]) -> tuple[int, ...]:
    match sides:
        case (both,):
            return (both, both)
        case (top, bottom, left, right):
            return (top, left) if top == bottom and left == right else sides
        case (_, _):
            return sides
    raise problem(
        SpecError(
            N_("expected two or four numbers, got {count}."),
            hint=N_("Enter height and width, or above, below, left and right."),
            count=len(sides),
        )
    )


Sides = Annotated[tuple[Border, ...], BeforeValidator(_flat_sides), AfterValidator(_check_sides)]
"""Rows and columns at the borders of an image: (height, width) for both sides alike, or all four."""


def _by_axis(sides: tuple[int, ...]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Returns ((above, below), (left, right))."""
    if len(sides) == 2:
        height, width = sides
        return (height, height), (width, width)
    above, below, left, right = sides
    return (above, below), (left, right)


def _keras_sides(sides: tuple[int, ...]) -> tuple[Any, ...]:
    """Returns the sides as Keras takes them; what is alike on both sides stays short."""
    return sides if len(sides) == 2 else _by_axis(sides)


@LAYERS.register
class Reshape(Layer):
    """The same values in another shape."""

    title: ClassVar[str] = N_("Another shape")
    summary: ClassVar[str] = N_("Arranges the same values in another shape.")
    group: ClassVar[str] = RESHAPING
    shown: ClassVar[tuple[str, ...]] = ("target_shape",)

    target_shape: tuple[Size, ...] = arg(
        (f.OPEN,), N_("The new sizes; one of them may be -1: whatever is left."), min_length=1, max_length=6
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """`target_shape`, the open size worked out."""
        values, known = (
            element_count(inputs[0]),
            element_count(tuple(n for n in self.target_shape if n != f.OPEN)),
        )
        opens = self.target_shape.count(f.OPEN)
        if known and opens == 1 and values % known == 0:
            return tuple(values // known if n == f.OPEN else n for n in self.target_shape)
        if not opens and known == values:
            return self.target_shape
        raise SpecError(
            N_("an input of size {values} does not fill the shape {shape}."),
            hint=N_("Let the sizes multiply to {values}; one of them may be -1."),
            where="target_shape",
            values=values,
            shape=str(self.target_shape),
        )


@LAYERS.register
class Permute(Layer):
    """The axes in another order."""

    title: ClassVar[str] = N_("Reordered axes")
    summary: ClassVar[str] = N_("Reorders the axes.")
    group: ClassVar[str] = RESHAPING
    shown: ClassVar[tuple[str, ...]] = ("dims",)

    dims: tuple[f.PositiveInt, ...] = arg(
        (2, 1),
        N_("The axes in their new order, counted from 1."),
        min_length=1,
        max_length=6,
        label=N_("Order of the axes"),
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the sizes in the new order."""
        (shape,) = inputs
        if sorted(self.dims) != list(range(1, len(shape) + 1)):
            raise SpecError(
                N_("expected each of the numbers from 1 to {axes} once, got {dims}."),
                hint=N_("Name each axis of the input once."),
                where="dims",
                axes=len(shape),
                dims=", ".join(map(str, self.dims)),
            )
        return tuple(shape[dim - 1] for dim in self.dims)


@LAYERS.register
class RepeatVector(Layer):
    """A vector repeated, so that it becomes a sequence."""

    title: ClassVar[str] = N_("A vector as a sequence")
    summary: ClassVar[str] = N_("Repeats a vector, so that it becomes a sequence.")
    group: ClassVar[str] = RESHAPING
    shown: ClassVar[tuple[str, ...]] = ("n",)

    n: f.PositiveInt = arg(2, N_("The number of steps of the sequence."), label=N_("Times"))

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(n, features)."""
        if len(inputs[0]) != 1:
            raise SpecError(
                N_("expected a vector (features,), got shape {shape}."),
                hint=N_("Put Flatten or a global pooling before it."),
                shape=str(inputs[0]),
            )
        return (self.n, *inputs[0])


class _Grid(Layer):
    """What changes the places of an image or a sequence and keeps the channels."""

    group: ClassVar[str] = RESHAPING
    rank: ClassVar[int]

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the new sizes, and the channels."""
        *sizes, channels = require_grid(inputs[0], self.rank)
        return (*self._places(tuple(sizes)), channels)

    def _places(self, sizes: Shape) -> Shape:
        raise NotImplementedError


class _UpSampling(_Grid):
    size: int | tuple[int, int]

    def _places(self, sizes: Shape) -> Shape:
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
class ZeroPadding2D(_Grid):
    """Rows and columns of zeros around an image."""

    title: ClassVar[str] = N_("Zeros around an image")
    summary: ClassVar[str] = N_("Adds rows and columns of zeros around an image.")
    rank: ClassVar[int] = 2

    padding: Sides = arg(
        (1, 1),
        N_("Rows above and below, columns left and right; or four numbers: above, below, left, right."),
    )

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' constructor."""
        return {**super().arguments(), "padding": _keras_sides(self.padding)}

    def _places(self, sizes: Shape) -> Shape:
        return tuple(size + sum(added) for size, added in zip(sizes, _by_axis(self.padding), strict=True))


@LAYERS.register
class ZeroPadding1D(_Grid):
    """Steps of zeros before and behind a sequence."""

    title: ClassVar[str] = N_("Zeros around a sequence")
    summary: ClassVar[str] = N_("Adds steps of zeros before and after a sequence.")
    rank: ClassVar[int] = 1

    padding: Borders = arg((1, 1), N_("Steps before and steps after."))

    def _places(self, sizes: Shape) -> Shape:
        return (sizes[0] + sum(self.padding),)


def _cropped(size: int, taken: int) -> int:
    if taken >= size:
        raise SpecError(
            N_("cutting {taken} leaves nothing of {size}."),
            hint=N_("Crop less."),
            where="cropping",
            taken=taken,
            size=size,
        )
    return size - taken


@LAYERS.register
class Cropping2D(_Grid):
    """An image without its outer rows and columns."""

    title: ClassVar[str] = N_("Cropped image")
    summary: ClassVar[str] = N_("Cuts rows and columns off the border of an image.")
    rank: ClassVar[int] = 2
    shown: ClassVar[tuple[str, ...]] = ("cropping",)

    cropping: Sides = arg(
        (1, 1),
        N_(
            "Rows cut above and below, columns cut left and right; or four numbers: above, below, left, right."
        ),
    )

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' constructor."""
        return {**super().arguments(), "cropping": _keras_sides(self.cropping)}

    def _places(self, sizes: Shape) -> Shape:
        return tuple(
            _cropped(size, sum(cut)) for size, cut in zip(sizes, _by_axis(self.cropping), strict=True)
        )


@LAYERS.register
class Cropping1D(_Grid):
    """A sequence without its first and last steps."""

    title: ClassVar[str] = N_("Cropped sequence")
    summary: ClassVar[str] = N_("Cuts steps off both ends of a sequence.")
    rank: ClassVar[int] = 1

    cropping: Borders = arg((1, 1), N_("Steps cut before and steps cut after."))

    def _places(self, sizes: Shape) -> Shape:
        return (_cropped(sizes[0], sum(self.cropping)),)


@LAYERS.register
class Resizing(_Grid):
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

    def _places(self, sizes: Shape) -> Shape:
        return (self.height, self.width)


@LAYERS.register
class Rescaling(Layer):
    """`x · scale + offset`."""

    title: ClassVar[str] = N_("Multiplied values")
    summary: ClassVar[str] = N_("Multiplies each value: 1/255 brings pixels to 0 … 1.")
    group: ClassVar[str] = RESHAPING
    shown: ClassVar[tuple[str, ...]] = ("scale",)
    passes_masks: ClassVar[bool] = True

    scale: float = arg(1 / 255, N_("What each value is multiplied by."))
    offset: float = arg(0.0, N_("What is added afterwards."))

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Returns a product and a sum for each value."""
        return 2 * element_count(inputs[0])
