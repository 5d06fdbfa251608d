"""Decoding of images and recordings from unchecked bytes."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from dlcore.errors import N_, DatasetError

IMAGE_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
IMAGE_ENDINGS = frozenset({"png", "jpg", "jpeg", "jpe", "gif", "bmp", "webp", "tif", "tiff"})
AUDIO_FORMATS = frozenset({"WAV", "WAVEX", "FLAC", "OGG"})
AUDIO_ENDINGS = frozenset({"wav", "flac", "ogg", "oga"})

# What Pillow's readers raise for bytes that are not what they seem; found by feeding them such bytes.
_BROKEN_IMAGE = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, AttributeError,
    OverflowError, ZeroDivisionError, MemoryError, RuntimeError, struct.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
_TOO_DEEP = ("I", "F")
_DEEP_GREY = ("I;16", "I;16L", "I;16B", "I;16N")
_BLOCK = 65_536


class BadFileError(DatasetError):
    """One file or row that cannot be used; the rest of its dataset can."""


@dataclass(frozen=True)
class Sound:
    """A recording.

    Attributes:
        samples: float32 (frames, channels), from −1 to 1.
        rate: frames per second.
    """

    samples: npt.NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate


def decode_image(data: bytes, *, max_pixels: int) -> npt.NDArray[np.uint8]:
    """Returns the pixels of an image file: upright, of the first frame, transparency on white.

    Args:
        data: the whole file; its content decides what it is, not a name.
        max_pixels: a larger one is refused before it is unpacked.

    Shape:
        uint8 (height, width, channels); one channel if it is grey, else three.

    Raises:
        BadFileError: it is no image, broken, or too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about oddities that do not hinder reading
            with Image.open(io.BytesIO(data), formats=IMAGE_FORMATS) as image:
                width, height = image.size
                if width * height > max_pixels:
                    raise BadFileError(
                        N_("{width} × {height} pixels are more than the {most} that are allowed."),
                        hint=N_("Make the image smaller."),
                        width=width,
                        height=height,
                        most=max_pixels,
                    )
                image.load()
                upright = _converted(ImageOps.exif_transpose(image))
    except _BROKEN_IMAGE as error:
        raise BadFileError(N_("this is not an image, or it is damaged.")) from error
    return _pixels(upright)


def _converted(image: Image.Image) -> Image.Image:
    """Returns the same in grey or in colours, its transparency on white; Pillow's part of the work."""
    if image.mode in (*_DEEP_GREY, *_TOO_DEEP):
        return image
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("L" if image.mode == "LA" else "RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _pixels(image: Image.Image) -> npt.NDArray[np.uint8]:
    if image.mode in _TOO_DEEP:
        raise BadFileError(
            N_("its pixels are not 8 or 16 bits deep."), hint=N_("Save it as an 8-bit image first.")
        )
    array = np.array(image)
    if image.mode in _DEEP_GREY:
        array = array >> 8
    pixels = array.astype(np.uint8, copy=False)
    return pixels[..., np.newaxis] if pixels.ndim == 2 else pixels


def decode_sound(data: bytes, *, max_seconds: float) -> Sound:
    """Returns the samples of a WAV, FLAC or Ogg file.

    Args:
        data: the whole file.
        max_seconds: a longer one is refused.

    Raises:
        BadFileError: it is no recording, broken, empty or too long.
    """
    # libsndfile is loaded with it, which those who only look at images need not pay.
    import soundfile

    broken = (soundfile.SoundFileError, RuntimeError, TypeError, ValueError, OverflowError, MemoryError)
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.format not in AUDIO_FORMATS:
                raise BadFileError(N_("this is not a WAV, FLAC or Ogg file."))
            rate = int(file.samplerate)
            samples = _samples(file, int(max_seconds * rate) + 1)
    except broken as error:
        raise BadFileError(N_("this is not a recording, or it is damaged.")) from error
    if len(samples) > max_seconds * rate:
        raise BadFileError(
            N_("it is longer than the {most} seconds that are allowed."),
            hint=N_("Cut it into pieces."),
            most=max_seconds,
        )
    if not len(samples) or not np.isfinite(samples).all():
        raise BadFileError(N_("it contains no usable sound."))
    return Sound(samples, rate)


def _samples(file: Any, most: int) -> npt.NDArray[np.float32]:
    """(frames, channels) at most `most` frames; read in blocks, for a header may promise anything."""
    blocks, frames = [], 0
    while frames < most:
        block = file.read(min(_BLOCK, most - frames), dtype="float32", always_2d=True)
        if not len(block):
            break
        blocks.append(block)
        frames += len(block)
    return np.concatenate(blocks) if blocks else np.zeros((0, 1), np.float32)
