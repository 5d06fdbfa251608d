"""Resizing and colour conversion of images, one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.encoders import Reader
from dlcore.datasets.samples import Samples
from dlcore.spec.data import DatasetFacts
from dlcore.spec.preprocessing import ColorMode, Resizing, Step
from dlcore.spec.signature import first_form

_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
    "lanczos3": Image.Resampling.LANCZOS,
}


def encode_images(samples: Samples, steps: Sequence[Step]) -> Reader:
    """Yields each image as the steps make it.

    Shape:
        of what the reader gives: uint8 (height, width, channels), as the spec's signature has it.
    """
    return lambda index: apply_image(samples.read(int(samples.rows[index])), samples.facts, steps)


def apply_image(pixels: Array, facts: DatasetFacts, steps: Sequence[Step]) -> Array:
    """Returns an image as the steps make it.

    Args:
        pixels: uint8 (height, width, channels), grey or coloured.
        facts: of the dataset, which say which of the two its images are.
        steps: those that make arrays.
    """
    image = convert_channels(pixels, first_form(facts).shape[-1])
    for step in steps:
        match step:
            case Resizing():
                image = resize_image(image, step)
            case ColorMode():
                image = convert_channels(image, 1 if step.mode == "grayscale" else 3)
            case _:
                raise TypeError(f"no way is known to apply {step.kind} to images")
    return image


def resize_image(image: Array, step: Resizing) -> Array:
    """Returns the image in the size of the step; smaller ones are averaged, not skipped over."""
    picture, size = _picture(image), (step.width, step.height)
    chosen = _FILTERS[step.interpolation]
    if step.crop_to_aspect_ratio:
        picture = ImageOps.fit(picture, size, chosen)
    elif step.pad_to_aspect_ratio:
        picture = ImageOps.pad(picture, size, chosen)
    elif picture.size != size:
        picture = picture.resize(size, chosen)
    pixels: Array = np.asarray(picture, dtype=np.uint8)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def convert_channels(image: Array, channels: int) -> Array:
    """Returns the image in grey (ITU-R 601 luma) or colour; one that is so already stays as it is."""
    if image.shape[-1] == channels:
        return image
    if channels == 3:
        return np.repeat(image[..., :1], 3, axis=-1)
    grey: Array = np.asarray(_picture(image).convert("L"), dtype=np.uint8)
    return grey[..., None]


def _picture(image: Array) -> Image.Image:
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
