"""Small images, made large without blur, and images as files, whose readers the dashboard does not load."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from dlcore.plots.images import tile

SIDE = 112
"""Pixels that a shown image is at least wide."""


def enlarge(image: npt.NDArray[np.uint8], side: int = SIDE) -> npt.NDArray[np.uint8]:
    """Returns one image enlarged by whole pixels until it is at least so wide, as (height, width, 4)."""
    scale = max(1, -(-side // image.shape[1]))
    return tile(image[None], columns=1, scale=scale)


_COLORS = {1: 0, 2: 4, 3: 2, 4: 6}
"""The number of a PNG's kind of colours by how many channels it has; of 2 and 4 the last is the transparency."""


def png_of(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Returns an image as a PNG.

    Args:
        pixels: (height, width, channels), 1 to 4 channels.
    """
    height, width, channels = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 8, _COLORS[channels], 0, 0, 0)
    # Each row begins with how it is filtered: not at all.
    rows = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0)))
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )
