"""Pictures, recordings and arrays, which are prepared one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.datasets.decoding import Pixels, decode_image, decode_sound, image_pixels
from dlcore.datasets.files import unreadable
from dlcore.datasets.fresh.inputs import Notes
from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.images import apply_image, resize_image
from dlcore.datasets.prepare.recordings import apply_sound
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.reading import CHANNELS_FIRST, FILLING, HIGHEST
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings
from dlcore.spec.data import DataKind
from dlcore.spec.preprocessing import FixedLength, Resizing

Read = Callable[[Any, Preparation, Settings, Notes], Array]

_MOST = 255


def read_picture(raw: Any, how: Preparation, settings: Settings, notes: Notes) -> Array:
    """(height, width, channels) uint8: a picture as the run's own were prepared.

    Args:
        raw: bytes of an image file, its path, an image of Pillow, or pixels: (height, width) or (height, width,
            channels), uint8 or uint16; two and four channels have a transparency, which is put on white.
        how: the run's preparation.
        settings: limits.
        notes: are told what was changed.

    Raises:
        DatasetError: it is no picture.
    """
    pixels = _pixels(raw, how, settings)
    shape = how.facts.input_shape
    if shape and not any(isinstance(step, Resizing) for step in how.steps) and pixels.shape[:2] != shape[:2]:
        height, width = shape[:2]
        pixels = resize_image(pixels, Resizing(height=height, width=width))
        notes.count(
            N_("pictures brought to {height} × {width}, the size of those in training: {count}."),
            height=height,
            width=width,
        )
    return apply_image(pixels, how.facts, how.steps)


def _pixels(raw: Any, how: Preparation, settings: Settings) -> Array:
    highest = how.reading.get(HIGHEST, {})
    if isinstance(raw, np.ndarray):
        # Colours with 16 bits are none that Pillow knows.
        bright = Pixels(_checked_pixels(raw), "").in_bytes(max(highest.values(), default=0))
        return image_pixels(bright).in_bytes()
    if (data := _content(raw)) is not None:
        pixels = decode_image(data, max_pixels=settings.max_pixels)
    else:
        pixels = image_pixels(raw)
    return pixels.in_bytes(highest.get(pixels.format, 0))


def _checked_pixels(pixels: Array) -> Array:
    """Returns pixels whose type says how bright the brightest is."""
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8) * _MOST
    if pixels.dtype.kind in "iu" and pixels.dtype not in (np.uint8, np.uint16):
        whole = not pixels.size or (pixels.min() >= 0 and pixels.max() <= _MOST)
        pixels = pixels.astype(np.uint8) if whole else pixels
    fits = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[-1] in (1, 2, 3, 4))
    if pixels.dtype not in (np.uint8, np.uint16) or not fits or not pixels.size:
        raise DatasetError(
            N_("expected pixels in two or three axes, uint8 or uint16; got the shape {shape}, {type}."),
            hint=N_("Multiply values from 0 to 1 by 255, and convert them to uint8."),
            shape=str(pixels.shape),
            type=str(pixels.dtype),
        )
    return pixels


def read_sound(raw: Any, how: Preparation, settings: Settings, notes: Notes) -> Array:
    """(samples, 1) or (frames, bands, 1): a recording as the run's own were prepared.

    Args:
        raw: bytes of a sound file, its path, or a pair: (samples,) or (samples, channels), float from −1 to 1 or
            int16, and their number per second.
        how: the run's preparation.
        settings: limits.
        notes: are told what was changed.

    Raises:
        DatasetError: it is no recording.
    """
    if (data := _content(raw)) is not None:
        sound = decode_sound(data, max_seconds=settings.max_audio_seconds)
        waveform, rate = sound.samples, sound.rate
    else:
        waveform, rate = _waveform(raw)
    longest = next((step.seconds for step in how.steps if isinstance(step, FixedLength)), None)
    if longest is not None and len(waveform) / rate > longest:
        notes.count(
            N_("recordings of which {seconds:g} s are heard, as in training: {count}."), seconds=longest
        )
    mono = waveform.mean(axis=1, dtype=np.float32)
    return apply_sound(mono, rate, how.facts, how.steps)


def _waveform(raw: Any) -> tuple[Array, int]:
    """Returns float32 (samples, channels) and how many there are in a second."""
    if isinstance(raw, Sequence) and len(raw) == 2:
        values, rate = np.asarray(raw[0]), raw[1]
        if values.dtype == np.int16:
            values = values / np.float32(2**15)
        values = values.reshape(len(values), -1) if values.ndim else values
        if values.dtype.kind == "f" and values.ndim == 2 and values.size and int(rate) > 0:
            if np.isfinite(values).all():
                return values.astype(np.float32), int(rate)
            raise DatasetError(N_("the recording holds NaN or infinite numbers."))
    raise DatasetError(
        N_("expected a sound file, or its samples (float or int16) and their number per second."),
        hint=N_("Give bytes, a path, or (samples, rate)."),
    )


def read_array(raw: Any, how: Preparation, settings: Settings, notes: Notes) -> Array:
    """(…) float32: an array of the sizes that the run's own had.

    Raises:
        DatasetError: it has other sizes, or holds NaN where nothing stands in for it.
    """
    shape = how.facts.input_shape or ()
    values = np.asarray(raw)
    if values.dtype.kind not in "biuf":
        raise _wrong_array(values, shape)
    if how.reading.get(CHANNELS_FIRST) and values.shape == (shape[-1], *shape[:-1]) and values.shape != shape:
        values = np.moveaxis(values, 0, -1)
    if (*values.shape, 1) == shape:
        values = values[..., None]
    if values.shape != shape:
        raise _wrong_array(values, shape)
    with np.errstate(over="ignore"):
        numbers = values.astype(np.float32)
    broken = ~np.isfinite(numbers)
    if not broken.any():
        return numbers
    if FILLING not in how.reading:
        raise DatasetError(
            N_("it holds NaN or infinite numbers."), hint=N_("Replace them: training had none of them.")
        )
    notes.count(N_("arrays whose NaN and infinite numbers were replaced, as in training: {count}."))
    filling = np.asarray(how.reading[FILLING], np.float32)
    return np.where(broken, filling.reshape(shape), numbers)


def _wrong_array(values: Array, shape: tuple[int, ...]) -> DatasetError:
    return DatasetError(
        N_("expected numbers of the shape {expected}, got {got} of the type {type}."),
        hint=N_("Give one sample, or several along the first axis."),
        expected=str(shape),
        got=str(values.shape),
        type=str(values.dtype),
    )


def _content(raw: Any) -> bytes | None:
    """Returns the bytes of a file, if it is one."""
    if isinstance(raw, bytes | bytearray | memoryview):
        return bytes(raw)
    if not isinstance(raw, str | Path):
        return None
    return read_bytes(Path(raw))


def read_bytes(path: Path) -> bytes:
    """Returns what is in a file.

    Raises:
        DatasetError: the system refuses.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(error, path) from error


READERS: dict[DataKind, Read] = {
    DataKind.IMAGE: read_picture,
    DataKind.AUDIO: read_sound,
    DataKind.ARRAY: read_array,
}
"""How one sample of each kind is read."""


def separate(raw: Any, how: Preparation) -> list[Any]:
    """Returns the samples in what was given: itself, or several."""
    kind = how.facts.kind
    if kind is DataKind.ARRAY:
        try:
            raw = np.asarray(raw)
        except ValueError:  # arrays of several sizes: each is looked at by itself
            return list(raw)
    if isinstance(raw, np.ndarray):
        single = 3 if kind is DataKind.IMAGE else len(how.facts.input_shape or ())
        return list(raw) if raw.ndim > single else [raw]
    if isinstance(raw, tuple) and len(raw) == 2 and isinstance(raw[1], int | np.integer):
        return [raw]
    return list(raw) if isinstance(raw, list | tuple) else [raw]
