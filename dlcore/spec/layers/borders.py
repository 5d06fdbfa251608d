"""Layers that add to the borders of a volume, an image or a sequence, or cut them off."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from dlcore.errors import N_, SpecError
from dlcore.spec import fields as f
from dlcore.spec.base import problem
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, Shape
from dlcore.spec.layers.resizing import Grid

Border = Annotated[int, Field(ge=0, le=1_000_000)]
Borders = Annotated[tuple[Border, Border], BeforeValidator(f.pair)]
Cut = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Cuts = Annotated[tuple[Cut, Cut], BeforeValidator(f.pair)]


def _flat_sides(value: Any) -> Any:
    """Returns one number, or Keras' pairs of numbers, as a plain list; anything else as it is."""
    if isinstance(value, int):
        return (value,)
    pairs = isinstance(value, (list, tuple)) and len(value) > 1
    if pairs and all(isinstance(side, (list, tuple)) and len(side) == 2 for side in value):
        return tuple(number for side in value for number in side)
    return value


def _check_sides(rank: int) -> Callable[[tuple[int, ...]], tuple[int, ...]]:
    """Returns the check of the sides of so many axes, which brings them to their shortest form."""

    def check(sides: tuple[int, ...]) -> tuple[int, ...]:
        if len(sides) == 1:
            return sides * rank
        if len(sides) == rank:
            return sides
        if len(sides) == 2 * rank:
            return sides[::2] if sides[::2] == sides[1::2] else sides
        raise problem(
            SpecError(
                N_("wrong count of numbers: expected {short} or {long}, got {count}."),
                hint=N_("Enter one number for each axis, or two: for its beginning and its end."),
                short=rank,
                long=2 * rank,
                count=len(sides),
            )
        )

    return check


Sides = Annotated[tuple[Border, ...], BeforeValidator(_flat_sides), AfterValidator(_check_sides(2))]
"""Rows and columns at the borders of an image: (height, width) for both sides alike, or all four."""

VolumeSides = Annotated[tuple[Border, ...], BeforeValidator(_flat_sides), AfterValidator(_check_sides(3))]
"""The same of a volume: (depth, height, width), or all six."""


class _Bordered(Grid):
    """What has a number of its own for each side of each axis, or one for both."""

    side_field: ClassVar[str]

    @property
    def by_axis(self) -> tuple[tuple[int, int], ...]:
        """The numbers at the beginning and at the end of each axis."""
        sides: tuple[int, ...] = getattr(self, self.side_field)
        if len(sides) == self.rank:
            return tuple((side, side) for side in sides)
        return tuple(zip(sides[::2], sides[1::2], strict=True))

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' constructor; what is alike on both sides stays short."""
        sides = getattr(self, self.side_field)
        whole = sides if self.rank == 1 or len(sides) == self.rank else self.by_axis
        return {**super().arguments(), self.side_field: whole}


class _ZeroPadding(_Bordered):
    side_field: ClassVar[str] = "padding"

    def places(self, sizes: Shape) -> Shape:
        """Returns the sizes with what is added."""
        return tuple(size + sum(added) for size, added in zip(sizes, self.by_axis, strict=True))


@LAYERS.register
class ZeroPadding2D(_ZeroPadding):
    """Rows and columns of zeros around an image."""

    title: ClassVar[str] = N_("Zeros around an image")
    summary: ClassVar[str] = N_("Adds rows and columns of zeros around an image.")
    rank: ClassVar[int] = 2

    padding: Sides = arg(
        (1, 1),
        N_("Rows above and below, columns left and right; or four numbers: above, below, left, right."),
    )


@LAYERS.register
class ZeroPadding1D(_ZeroPadding):
    """Steps of zeros before and behind a sequence."""

    title: ClassVar[str] = N_("Zeros around a sequence")
    summary: ClassVar[str] = N_("Adds steps of zeros before and after a sequence.")
    rank: ClassVar[int] = 1

    padding: Borders = arg((1, 1), N_("Steps before and steps after."))


@LAYERS.register
class ZeroPadding3D(_ZeroPadding):
    """Planes, rows and columns of zeros around a volume."""

    title: ClassVar[str] = N_("Zeros around a volume")
    summary: ClassVar[str] = N_("Adds planes, rows and columns of zeros around a volume.")
    rank: ClassVar[int] = 3
    shown: ClassVar[tuple[str, ...]] = ("padding",)

    padding: VolumeSides = arg(
        (1, 1, 1), N_("Planes, rows and columns at both ends; or six numbers: before and behind of each.")
    )


class _Cropping(_Bordered):
    side_field: ClassVar[str] = "cropping"

    def places(self, sizes: Shape) -> Shape:
        """Returns the sizes without what is cut.

        Raises:
            SpecError: nothing is left.
        """
        return tuple(_cropped(size, sum(cut)) for size, cut in zip(sizes, self.by_axis, strict=True))


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
class Cropping2D(_Cropping):
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


@LAYERS.register
class Cropping1D(_Cropping):
    """A sequence without its first and last steps."""

    title: ClassVar[str] = N_("Cropped sequence")
    summary: ClassVar[str] = N_("Cuts steps off both ends of a sequence.")
    rank: ClassVar[int] = 1

    cropping: Cuts = arg(
        (1, 1),
        N_("Steps cut before and steps cut after; -3: all but three steps, of an input of the model."),
    )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the shape without what is cut."""
        if self.is_open:
            raise SpecError(
                N_("how many steps to cut is not known here."),
                hint=N_("Enter the number; less than 0 works for an input of the model only."),
                where="cropping",
            )
        return super().output_shape(inputs)

    @property
    def is_open(self) -> bool:
        """Whether it says how many steps stay, not how many are cut."""
        return min(self.cropping) < 0

    def cut_for(self, length: int) -> tuple[int, int]:
        """Returns the steps to cut of a sequence of that length; a shorter one than is to stay stays whole.

        Example:
            >>> Cropping1D(cropping=(-1, 0)).cut_for(24)
            (23, 0)
            >>> Cropping1D(cropping=(2, -3)).cut_for(24)
            (2, 19)
        """
        before, after = self.cropping
        if before < 0:
            return max(0, length + before - max(0, after)), max(0, after)
        return (before, max(0, length + after - before)) if after < 0 else (before, after)


@LAYERS.register
class Cropping3D(_Cropping):
    """A volume without its outer planes, rows and columns."""

    title: ClassVar[str] = N_("Cropped volume")
    summary: ClassVar[str] = N_("Cuts planes, rows and columns off the border of a volume.")
    rank: ClassVar[int] = 3
    shown: ClassVar[tuple[str, ...]] = ("cropping",)

    cropping: VolumeSides = arg(
        (1, 1, 1), N_("Planes, rows and columns cut at both ends; or six numbers: before and behind of each.")
    )
