"""Perceptual hashes: which images look alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image


def _cosines(size: int, kept: int) -> npt.NDArray[np.float64]:
    """(kept, size) the first rows of the discrete cosine transform (type 2, not normalised)."""
    places = (2 * np.arange(size) + 1) * np.pi / (2 * size)
    cosines: npt.NDArray[np.float64] = np.cos(np.arange(kept)[:, np.newaxis] * places)
    return cosines


_HASHED = 32
_TRANSFORM = _cosines(_HASHED, 8)


def perceptual_hash(pixels: npt.NDArray[np.uint8]) -> str:
    """16 hexadecimal digits, of which few bits differ between images that look alike.

    The image in grey at 32 × 32, its 64 lowest frequencies, each bit whether one is above their median
    (the "pHash" of Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010).

    Args:
        pixels: uint8 (height, width, 1 or 3).
    """
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    small = image.convert("L").resize((_HASHED, _HASHED), Image.Resampling.BOX)
    # Rounded: the waves of a plain image are 0 but for the last digits.
    waves = np.round(_TRANSFORM @ np.asarray(small, np.float64) @ _TRANSFORM.T, 3).ravel()
    bits = waves > np.median(waves[1:])
    return np.packbits(bits).tobytes().hex()
