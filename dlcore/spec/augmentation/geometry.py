"""Augmentations that move pixels."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dlcore.errors import N_, SpecError
from dlcore.spec.augmentation.base import (
    AUGMENTATIONS,
    FACTOR_HELP,
    GRIDS,
    GRIDS_AND_SOUND,
    Augmentation,
)
from dlcore.spec.calls import Call
from dlcore.spec.data import DataKind
from dlcore.spec.fields import FILL_MODE_HELP, FillMode, Share, arg
from dlcore.spec.layers.base import Shape


@AUGMENTATIONS.register
class RandomFlip(Augmentation):
    """Mirrors every other image."""

    title: ClassVar[str] = N_("Flip")
    summary: ClassVar[str] = N_("Mirrors half of the images; not for digits or letters.")
    data_kinds: ClassVar[frozenset[DataKind]] = GRIDS

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = arg(
        "horizontal", N_("Left and right, top and bottom, or both.")
    )


@AUGMENTATIONS.register
class RandomRotation(Augmentation):
    """Turns each image by a random angle."""

    title: ClassVar[str] = N_("Rotation")
    summary: ClassVar[str] = N_("Turns each image by a random angle.")
    data_kinds: ClassVar[frozenset[DataKind]] = GRIDS

    factor: Share = arg(0.05, N_("The largest angle either way, as a share of a full turn: 0.05 is 18°."))
    fill_mode: FillMode = arg("reflect", FILL_MODE_HELP, advanced=True)


@AUGMENTATIONS.register
class RandomZoom(Augmentation):
    """Zooms each image in or out."""

    title: ClassVar[str] = N_("Zoom")
    summary: ClassVar[str] = N_("Zooms each image in or out.")
    data_kinds: ClassVar[frozenset[DataKind]] = GRIDS

    height_factor: float = arg(0.1, N_("The largest zoom in or out, as a share of the height."), ge=0, le=0.9)
    width_factor: float | None = arg(
        None, N_("The same for the width; empty: as the height, so that nothing is stretched."), ge=0, le=0.9
    )
    fill_mode: FillMode = arg("reflect", FILL_MODE_HELP, advanced=True)


@AUGMENTATIONS.register
class RandomTranslation(Augmentation):
    """Shifts each image (or recording) along both axes; what leaves one side is gone."""

    title: ClassVar[str] = N_("Shift")
    summary: ClassVar[str] = N_("Shifts each image up or down and sideways.")
    data_kinds: ClassVar[frozenset[DataKind]] = GRIDS_AND_SOUND

    height_factor: Share = arg(0.1, N_("How far up or down at most, as a share of the height."))
    width_factor: Share = arg(0.1, N_("How far sideways at most, as a share of the width."))
    fill_mode: FillMode = arg("reflect", FILL_MODE_HELP, advanced=True)


@AUGMENTATIONS.register
class RandomCrop(Augmentation):
    """Cuts a window out and enlarges it to the size the image had, for a model takes only that.

    Keras draws one window for all images of a batch.
    """

    title: ClassVar[str] = N_("Random crop")
    summary: ClassVar[str] = N_("Enlarges a window of the image, at a random place for each batch.")
    data_kinds: ClassVar[frozenset[DataKind]] = GRIDS
    only_in_training: ClassVar[bool] = False

    height: Annotated[int, Field(ge=1, le=4096)] = arg(24, N_("Height of the window, in pixels."))
    width: Annotated[int, Field(ge=1, le=4096)] = arg(24, N_("Width of the window, in pixels."))

    def calls(self, shape: Shape, *, seed: int) -> tuple[Call, ...]:
        """Returns the cut, and what enlarges it."""
        height, width, *_ = shape
        return (*super().calls(shape, seed=seed), Call("layers.Resizing", {"height": height, "width": width}))

    def check(self, shape: Shape) -> None:
        """The window must be smaller than the image."""
        for name, size, window in (("height", shape[0], self.height), ("width", shape[1], self.width)):
            if window >= size:
                raise SpecError(
                    N_("the window of {window} is not smaller than the image of {size}."),
                    hint=N_("Lower it."),
                    where=name,
                    window=window,
                    size=size,
                )


@AUGMENTATIONS.register
class RandomShear(Augmentation):
    """Shears each image."""

    title: ClassVar[str] = N_("Shear")
    summary: ClassVar[str] = N_("Shears each image.")
    data_kinds: ClassVar[frozenset[DataKind]] = GRIDS

    x_factor: Share = arg(0.1, N_("How far rows are shifted at most, as a share of the width."))
    y_factor: Share = arg(0.1, N_("How far columns are shifted at most, as a share of the height."))
    fill_mode: FillMode = arg("reflect", FILL_MODE_HELP, advanced=True)


@AUGMENTATIONS.register
class RandomPerspective(Augmentation):
    """Shows an image as if seen from the side."""

    title: ClassVar[str] = N_("Perspective")
    summary: ClassVar[str] = N_("Shows images as if seen from the side.")
    data_kinds: ClassVar[frozenset[DataKind]] = GRIDS

    factor: Share = arg(1.0, FACTOR_HELP)
    scale: Share = arg(0.3, N_("How far the corners move."))


@AUGMENTATIONS.register
class RandomElasticTransform(Augmentation):
    """Bends an image as if printed on rubber."""

    title: ClassVar[str] = N_("Elastic distortion")
    summary: ClassVar[str] = N_("Distorts images as if printed on rubber; good for handwriting.")
    only_in_training: ClassVar[bool] = False

    factor: Share = arg(1.0, FACTOR_HELP)
    scale: Share = arg(1.0, N_("The largest strength of the distortion."))
    fill_mode: FillMode = arg("reflect", FILL_MODE_HELP, advanced=True)
