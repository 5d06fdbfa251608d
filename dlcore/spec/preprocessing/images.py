"""Steps for images: size and colour."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dlcore.errors import N_, SpecError
from dlcore.spec.data import DataKind
from dlcore.spec.fields import arg
from dlcore.spec.preprocessing.base import STEPS, Step
from dlcore.spec.signature import INPUT, Form, InputSpec

Pixels = Annotated[int, Field(ge=1, le=4096)]


class _ImageStep(Step):
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset({DataKind.IMAGE})


@STEPS.register
class Resizing(_ImageStep):
    """Resizes each image to one size: stretched, cropped, or with black borders."""

    title: ClassVar[str] = N_("Resize")
    summary: ClassVar[str] = N_("Resizes all images to the same size.")

    height: Pixels = arg(32, N_("Height afterwards, in pixels."))
    width: Pixels = arg(32, N_("Width afterwards, in pixels."))
    interpolation: Literal["bilinear", "nearest", "bicubic", "area", "lanczos3"] = arg(
        "bilinear", N_("How pixels are interpolated.")
    )
    crop_to_aspect_ratio: bool = arg(False, N_("Crop what is too long instead of stretching."))
    pad_to_aspect_ratio: bool = arg(False, N_("Add black borders instead of stretching."))

    def form(self, form: Form) -> Form:
        """(height, width, channels)."""
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise SpecError(
                N_("an image can be cut or bordered, not both."),
                hint=N_("Turn one of them off."),
                where="pad_to_aspect_ratio",
            )
        return form.with_input(INPUT, InputSpec((self.height, self.width, form.shape[-1]), "uint8"))


@STEPS.register
class ColorMode(_ImageStep):
    """Makes each image grey (ITU-R 601 luma) or RGB."""

    title: ClassVar[str] = N_("Color mode")
    summary: ClassVar[str] = N_("Makes all images grey, or all coloured.")

    mode: Literal["grayscale", "rgb"] = arg("grayscale", N_("One channel or three."))

    def form(self, form: Form) -> Form:
        """(height, width, 1 or 3)."""
        channels = 1 if self.mode == "grayscale" else 3
        return form.with_input(INPUT, InputSpec((*form.shape[:2], channels), "uint8"))
