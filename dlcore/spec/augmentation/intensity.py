"""Augmentations that change the values of pixels."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from dlcore.errors import N_, SpecError
from dlcore.spec.augmentation.base import AUGMENTATIONS, FACTOR_HELP, Augmentation, Between
from dlcore.spec.calls import Call
from dlcore.spec.fields import Scale, Share, arg
from dlcore.spec.layers.base import Shape


@AUGMENTATIONS.register
class RandomBrightness(Augmentation):
    """Makes each image lighter or darker."""

    title: ClassVar[str] = N_("Brightness")
    summary: ClassVar[str] = N_("Makes each image lighter or darker.")

    factor: Share = arg(0.2, N_("The largest change either way, as a share of the whole range."))


@AUGMENTATIONS.register
class RandomContrast(Augmentation):
    """Moves pixel values away from their mean, or towards it."""

    title: ClassVar[str] = N_("Contrast")
    summary: ClassVar[str] = N_("Raises or lowers the contrast of each image.")

    factor: Share = arg(0.2, N_("The largest change either way, as a share."))

    def calls(self, shape: Shape, *, seed: int) -> tuple[Call, ...]:
        """Returns the layer with both ends of the change: of one number, Keras only raises the contrast."""
        (call,) = super().calls(shape, seed=seed)
        return (Call(call.path, {**call.arguments, "factor": (self.factor, self.factor)}),)


@AUGMENTATIONS.register
class RandomColorJitter(Augmentation):
    """Brightness, contrast, saturation and hue in one."""

    title: ClassVar[str] = N_("Color jitter")
    summary: ClassVar[str] = N_("Changes brightness, contrast, saturation and hue together.")
    needs_colour: ClassVar[bool] = True

    brightness_factor: Share | None = arg(0.2, N_("The largest change of brightness; empty: none."))
    contrast_factor: Share | None = arg(0.2, N_("The largest change of contrast; empty: none."))
    saturation_factor: Between | None = arg(
        (0.3, 0.7), N_("From … to: 0 is grey, 0.5 unchanged, 1 oversaturated; empty: no change.")
    )
    hue_factor: Share | None = arg(0.1, N_("The largest shift of colours; empty: none."))

    def calls(self, shape: Shape, *, seed: int) -> tuple[Call, ...]:
        """Returns one layer a change as in Keras' own, which gives saturation a range that is not its own."""
        return tuple(call for part in self._parts() for call in part.calls(shape, seed=seed))

    def _parts(self) -> Iterator[Augmentation]:
        if self.brightness_factor is not None:
            yield RandomBrightness(factor=self.brightness_factor)
        if self.contrast_factor is not None:
            yield RandomContrast(factor=self.contrast_factor)
        if self.saturation_factor is not None:
            yield RandomSaturation(factor=self.saturation_factor)
        if self.hue_factor is not None:
            yield RandomHue(factor=self.hue_factor)


@AUGMENTATIONS.register
class RandomHue(Augmentation):
    """Shifts all colours around the colour wheel."""

    title: ClassVar[str] = N_("Hue")
    summary: ClassVar[str] = N_("Shifts all colours around the colour wheel.")
    needs_colour: ClassVar[bool] = True

    factor: Share = arg(0.1, N_("The largest shift, as a share of the whole range."))


@AUGMENTATIONS.register
class RandomSaturation(Augmentation):
    """Makes colours paler or stronger."""

    title: ClassVar[str] = N_("Saturation")
    summary: ClassVar[str] = N_("Makes colours paler or stronger.")
    needs_colour: ClassVar[bool] = True

    factor: Between = arg((0.3, 0.7), N_("From … to: 0 is grey, 0.5 unchanged, 1 oversaturated."))

    def calls(self, shape: Shape, *, seed: int) -> tuple[Call, ...]:
        """Returns the layer with the range of saturation, to which Keras clips it: 0 to 1, whatever the pixels."""
        (call,) = super().calls(shape, seed=seed)
        return (Call(call.path, {**call.arguments, "value_range": (0, 1)}),)


@AUGMENTATIONS.register
class RandomColorDegeneration(Augmentation):
    """Mixes each image with its grey version."""

    title: ClassVar[str] = N_("Faded colors")
    summary: ClassVar[str] = N_("Takes some of the colour out of each image.")
    needs_colour: ClassVar[bool] = True

    factor: Share = arg(0.5, N_("How much at most; 1 is grey."))


@AUGMENTATIONS.register
class RandomGrayscale(Augmentation):
    """Makes some images grey; they keep three channels."""

    title: ClassVar[str] = N_("Grayscale")
    summary: ClassVar[str] = N_("Makes some images grey.")
    needs_colour: ClassVar[bool] = True

    factor: Share = arg(0.2, N_("The share of images."))


@AUGMENTATIONS.register
class RandomSharpness(Augmentation):
    """Blurs or sharpens each image."""

    title: ClassVar[str] = N_("Sharpness")
    summary: ClassVar[str] = N_("Blurs or sharpens each image.")

    factor: Between = arg((0.2, 0.8), N_("From … to: 0 is blurred, 0.5 unchanged, 1 sharpened."))


@AUGMENTATIONS.register
class RandomGaussianBlur(Augmentation):
    """Blurs some images."""

    title: ClassVar[str] = N_("Gaussian blur")
    summary: ClassVar[str] = N_("Blurs some images.")

    factor: Share = arg(1.0, FACTOR_HELP)
    kernel_size: Annotated[int, Field(ge=1, le=31)] = arg(
        3, N_("Pixels that are blurred together; an odd number."), search=Scale.WINDOWS
    )
    sigma: Annotated[float, Field(gt=0, le=1)] = arg(1.0, N_("The strongest blur that is drawn, in pixels."))

    def check(self, shape: Shape) -> None:
        """A kernel has a middle."""
        if self.kernel_size % 2 == 0:
            raise SpecError(
                N_("expected an odd number, got {got}."),
                hint=N_("Choose {less} or {more}."),
                where="kernel_size",
                got=self.kernel_size,
                less=self.kernel_size - 1,
                more=self.kernel_size + 1,
            )


@AUGMENTATIONS.register
class RandomPosterization(Augmentation):
    """Keeps only the highest bits of each value."""

    title: ClassVar[str] = N_("Posterization")
    summary: ClassVar[str] = N_("Reduces each colour to a few shades.")

    factor: Annotated[int, Field(ge=1, le=8)] = arg(4, N_("The most bits kept, of eight."))


@AUGMENTATIONS.register
class Solarization(Augmentation):
    """Turns values above a threshold into their negative."""

    title: ClassVar[str] = N_("Solarization")
    summary: ClassVar[str] = N_("Turns the light parts of each image into their negative.")
    only_in_training: ClassVar[bool] = False

    addition_factor: Share = arg(0.0, N_("The largest brightness added beforehand."))
    threshold_factor: Share = arg(1.0, N_("The highest threshold that is drawn; 1 is white."))


@AUGMENTATIONS.register
class RandomInvert(Augmentation):
    """Inverts some images."""

    title: ClassVar[str] = N_("Inverted colors")
    summary: ClassVar[str] = N_("Inverts some images.")
    only_in_training: ClassVar[bool] = False

    factor: Share = arg(0.5, FACTOR_HELP)
