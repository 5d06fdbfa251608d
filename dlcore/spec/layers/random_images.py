"""Layers that change images at random while training; in use they pass them on as they are."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from dlcore.errors import N_
from dlcore.spec.fields import FILL_MODE_HELP, FillMode, Share, arg
from dlcore.spec.layers.base import LAYERS, REGULARIZATION, Layer, Shape, require_grid

Signed = Annotated[float, Field(ge=-1, le=1)]

_RANGE_HELP = N_("The lowest and the highest value of a pixel here: 0 and 1 after Rescaling, else 0 and 255.")


def _either_way(value: Any) -> Any:
    """Returns one number as the range from minus to plus that number, as Keras takes it; anything else as it is."""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return (-abs(value), abs(value)) if plain else value


def _rising(value: tuple[float, float]) -> tuple[float, float]:
    """Returns both ends of a range, the lower one first, as Keras takes them."""
    low, high = sorted(value)
    return low, high


Range = Annotated[tuple[Signed, Signed], BeforeValidator(_either_way), AfterValidator(_rising)]
"""From … to; each image draws a value between the two."""

ZoomRange = Annotated[
    tuple[Annotated[float, Field(gt=-1, le=1)], Annotated[float, Field(gt=-1, le=1)]],
    BeforeValidator(_either_way),
    AfterValidator(_rising),
]

Values = Annotated[tuple[float, float], AfterValidator(_rising)]


class _RandomImage(Layer):
    """What changes an image and keeps its shape."""

    group: ClassVar[str] = REGULARIZATION
    trains_by_default: ClassVar[bool] = True
    shown: ClassVar[tuple[str, ...]] = ("factor",)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Returns the input's shape."""
        return require_grid(inputs[0], 2)


class _Moved(_RandomImage):
    """What moves pixels, so that some places are left uncovered."""

    compiles: ClassVar[bool] = False

    fill_mode: FillMode = arg("reflect", FILL_MODE_HELP, advanced=True)


@LAYERS.register
class RandomFlip(_RandomImage):
    """Mirrors half of the images while training."""

    title: ClassVar[str] = N_("Random flips")
    summary: ClassVar[str] = N_("Mirrors half of the images while training; not for digits or letters.")
    shown: ClassVar[tuple[str, ...]] = ("mode",)

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = arg(
        "horizontal", N_("Left and right, top and bottom, or both.")
    )


@LAYERS.register
class RandomRotation(_Moved):
    """Turns each image by a random angle while training."""

    title: ClassVar[str] = N_("Random rotations")
    summary: ClassVar[str] = N_("Turns each image by a random angle while training.")

    factor: Range = arg(
        (-0.05, 0.05), N_("The smallest and the largest angle, as shares of a full turn: 0.05 is 18°.")
    )


@LAYERS.register
class RandomZoom(_Moved):
    """Zooms each image in or out while training."""

    title: ClassVar[str] = N_("Random zooms")
    summary: ClassVar[str] = N_("Zooms each image in or out while training.")
    shown: ClassVar[tuple[str, ...]] = ("height_factor",)

    height_factor: ZoomRange = arg(
        (-0.1, 0.1), N_("From … to, as shares of the height: less than 0 zooms in, more zooms out.")
    )
    width_factor: ZoomRange | None = arg(
        None, N_("The same for the width; empty: as the height, so that nothing is stretched.")
    )


@LAYERS.register
class RandomTranslation(_Moved):
    """Shifts each image along both axes while training."""

    title: ClassVar[str] = N_("Random shifts")
    summary: ClassVar[str] = N_("Shifts each image up or down and sideways while training.")
    shown: ClassVar[tuple[str, ...]] = ("height_factor", "width_factor")

    height_factor: Range = arg((-0.1, 0.1), N_("From … to, as shares of the height: less than 0 is up."))
    width_factor: Range = arg((-0.1, 0.1), N_("From … to, as shares of the width: less than 0 is left."))


@LAYERS.register
class RandomContrast(_RandomImage):
    """Moves the values of each image away from their mean, or towards it, while training."""

    title: ClassVar[str] = N_("Random contrast")
    summary: ClassVar[str] = N_("Raises or lowers the contrast of each image while training.")
    shown: ClassVar[tuple[str, ...]] = ("factor", "value_range")

    # Keras takes one number as a contrast that only rises, so it is two here.
    factor: Annotated[tuple[Share, Share], AfterValidator(_rising)] = arg(
        (0.2, 0.2), N_("How far contrast falls at most, and how far it rises; the smaller number first.")
    )
    value_range: Values = arg((0.0, 1.0), _RANGE_HELP)


@LAYERS.register
class RandomBrightness(_RandomImage):
    """Makes each image lighter or darker while training."""

    title: ClassVar[str] = N_("Random brightness")
    summary: ClassVar[str] = N_("Makes each image lighter or darker while training.")
    shown: ClassVar[tuple[str, ...]] = ("factor", "value_range")

    factor: Range = arg((-0.2, 0.2), N_("From … to, as shares of the whole range: less than 0 is darker."))
    value_range: Values = arg((0.0, 1.0), _RANGE_HELP)
