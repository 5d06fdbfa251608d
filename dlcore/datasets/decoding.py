"""Decoding of images, recordings and texts from unchecked bytes."""

from __future__ import annotations

import importlib
import importlib.util
import io
import re
import struct
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from dlcore.errors import N_, DatasetError
from dlcore.spec.data import DataKind

IMAGE_ENDINGS = frozenset(
    ["png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "webp", "tif", "tiff", "avif", "heic", "heif"]
)
AUDIO_ENDINGS = frozenset(
    ["wav", "wave", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "m4a", "aac", "wma", "amr"]
)
TEXT_ENDINGS = frozenset({"txt", "text"})
KIND_ENDINGS = {DataKind.IMAGE: IMAGE_ENDINGS, DataKind.AUDIO: AUDIO_ENDINGS, DataKind.TEXT: TEXT_ENDINGS}
"""The endings of files of each kind; those that need a plugin, or that no library here reads, are among them."""

AUDIO_FORMATS = frozenset({"WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3", "AIFF"})
_ALWAYS_READ = ("PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "TIFF")
_PLUGINS = {"AVIF": "", "HEIF": "pillow_heif"}
"""Formats that Pillow reads only if it was built so, or with another package."""

_BEGINNINGS = (
    (DataKind.IMAGE, re.compile(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|BM.{4}\0\0\0\0|RIFF.{4}WEBP|II\*\0|MM\0\*", re.DOTALL)),
    (DataKind.IMAGE, re.compile(rb".{4}ftyp(avi[fs]|he[iv][cfsx]|mif1|msf1)", re.DOTALL)),
    (DataKind.AUDIO, re.compile(rb"(RIFF|RF64).{4}WAVE|fLaC|OggS|FORM.{4}AIF[FC]|ID3|\xff[\xe2\xe3\xf1-\xf3\xf9-\xfb]", re.DOTALL)),
)  # fmt: skip
_HEIF = re.compile(rb".{4}ftyp(he[iv][cfsx]|mif1|msf1)", re.DOTALL)
_AVIF = re.compile(rb".{4}ftypavi[fs]", re.DOTALL)
_UNREADABLE_SOUNDS = {
    "M4A": re.compile(rb".{4}ftyp", re.DOTALL),
    "AAC": re.compile(rb"\xff[\xf0\xf1\xf8\xf9]|ADIF", re.DOTALL),
    "WMA": re.compile(rb"\x30\x26\xb2\x75"),
    "AMR": re.compile(rb"#!AMR"),
}
"""Kinds of recordings that libsndfile does not read, by how they begin."""

# What Pillow's readers raise for bytes that are not what they seem; found by feeding them such bytes.
_BROKEN_IMAGE = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, AttributeError,
    OverflowError, ZeroDivisionError, RuntimeError, struct.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
_TOO_DEEP = ("I", "F")
_DEEP_GREY = ("I;16", "I;16L", "I;16B", "I;16N")
_DEPTHS = (8, 10, 12, 14, 16)
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


@dataclass(frozen=True)
class Pixels:
    """A decoded image whose values are as in its file.

    Attributes:
        values: uint8 or uint16 (height, width, channels); one channel if it is grey, else three.
        format: what Pillow calls the file's format.
    """

    values: npt.NDArray[Any]
    format: str

    @property
    def highest(self) -> int:
        """The highest value of an image deeper than 8 bits; 0 for any other."""
        return int(self.values.max(initial=0)) if self.values.dtype == np.uint16 else 0

    def in_bytes(self, highest: int = 0) -> npt.NDArray[np.uint8]:
        """Returns the values from 0 to 255.

        Args:
            highest: the highest value in any image of its kind, which tells how many bits are in use:
                cameras and scanners put 10, 12 or 14 into 16; 0 where it is not known.
        """
        if self.values.dtype != np.uint16:
            return self.values
        bits = next(bits for bits in _DEPTHS if highest < 2**bits) if highest else 16
        scaled: npt.NDArray[np.uint8] = np.minimum(self.values >> (bits - 8), 255).astype(np.uint8)
        return scaled


def content_kind(data: bytes) -> DataKind | None:
    """Returns what a file without an ending is, by its first bytes; None if that is not known."""
    for kind, beginning in _BEGINNINGS:
        if beginning.match(data):
            return kind
    try:
        text = data[:4096].decode("utf-8", "ignore" if len(data) > 4096 else "strict")
    except UnicodeDecodeError:
        return None
    return DataKind.TEXT if text.strip() and "\0" not in text else None


@cache
def image_formats() -> tuple[str, ...]:
    """Returns the formats that are read here, as Pillow calls them; its plugins are loaded if they are installed."""
    Image.init()
    for package in filter(None, _PLUGINS.values()):
        if importlib.util.find_spec(package) is not None:
            importlib.import_module(package).register_heif_opener()
    return (*_ALWAYS_READ, *(name for name in _PLUGINS if name in Image.OPEN))


def decode_image(data: bytes, *, max_pixels: int) -> Pixels:
    """Returns the pixels of an image file: upright, of the first frame, transparency on white.

    Args:
        data: the whole file; its content decides what it is, not a name.
        max_pixels: a larger one is refused before it is unpacked.

    Raises:
        BadFileError: it is no image, broken, too large, or of a format for which a package is missing.
    """
    _check_format(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about oddities that do not hinder reading
            with Image.open(io.BytesIO(data), formats=image_formats()) as image:
                width, height = image.size
                format_ = image.format or ""
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
    except MemoryError as error:
        raise _too_large() from error
    return Pixels(_pixels(upright), format_)


def _too_large() -> BadFileError:
    """Returns the error for a file that asks for more memory than there is; a damaged one may do so, too."""
    return BadFileError(
        N_("it needs more memory than there is, or it is damaged."), hint=N_("Use a smaller file.")
    )


def image_pixels(image: Any) -> Pixels:
    """Returns the pixels of an image of Pillow, or of an array of pixels: upright, transparency on white.

    Raises:
        BadFileError: it is none, or too deep.
    """
    try:
        whole = Image.fromarray(_squeezed(image)) if isinstance(image, np.ndarray) else image
        upright = _converted(ImageOps.exif_transpose(whole))
    except _BROKEN_IMAGE as error:
        raise BadFileError(
            N_("this is not an image, or it is damaged."), hint=N_("Give bytes, a path or pixels.")
        ) from error
    except MemoryError as error:
        raise _too_large() from error
    return Pixels(_pixels(upright), whole.format or "")


def _squeezed(pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return pixels[..., 0] if pixels.ndim == 3 and pixels.shape[-1] == 1 else pixels


def _check_format(data: bytes) -> None:
    """Checks that what reads a format is installed, if it is one that needs more than Pillow itself."""
    for name, beginning in (("HEIF", _HEIF), ("AVIF", _AVIF)):
        if beginning.match(data) and name not in image_formats():
            raise BadFileError(
                N_("it is a {format} image, and nothing that reads these is installed."),
                hint=N_("Install the package {package}, or save it as JPEG or PNG."),
                format="HEIC" if name == "HEIF" else name,
                package=(_PLUGINS[name] or "pillow-avif-plugin").replace("_", "-"),
            )


def _converted(image: Image.Image) -> Image.Image:
    """Returns the same in grey or in colours, its transparency on white; Pillow's part of the work."""
    if image.mode in (*_DEEP_GREY, *_TOO_DEEP):
        return image
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("L" if image.mode == "LA" else "RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _pixels(image: Image.Image) -> npt.NDArray[Any]:
    """(height, width, channels) uint8 or uint16"""
    if image.mode in _TOO_DEEP:
        raise BadFileError(
            N_("its pixels are not 8 or 16 bits deep."), hint=N_("Save it as an 8-bit image first.")
        )
    array = np.array(image)
    # One byte order for all: that of this machine.
    pixels = array.astype(np.uint16 if image.mode in _DEEP_GREY else np.uint8, copy=False)
    return pixels[..., np.newaxis] if pixels.ndim == 2 else pixels


def decode_sound(data: bytes, *, max_seconds: float) -> Sound:
    """Returns the samples of a WAV, FLAC, Ogg, MP3 or AIFF file.

    Args:
        data: the whole file.
        max_seconds: a longer one is refused.

    Raises:
        BadFileError: it is no recording, broken, empty or too long.
    """
    for name, beginning in _UNREADABLE_SOUNDS.items():
        if beginning.match(data):
            raise BadFileError(
                N_("it is {format}, which is not read here."),
                hint=N_("Convert it to WAV, FLAC or MP3."),
                format=name,
            )
    # libsndfile is loaded with it, which those who only look at images need not pay.
    import soundfile

    broken = (soundfile.SoundFileError, RuntimeError, TypeError, ValueError, OverflowError)
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.format not in AUDIO_FORMATS:
                raise BadFileError(N_("this is not a WAV, FLAC, Ogg, MP3 or AIFF file."))
            rate = int(file.samplerate)
            samples = _samples(file, int(max_seconds * rate) + 1)
    except broken as error:
        raise BadFileError(N_("this is not a recording, or it is damaged.")) from error
    except MemoryError as error:
        raise _too_large() from error
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
