"""Contact sheets of small images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def tile(
    images: npt.NDArray[np.uint8], *, columns: int, scale: int = 1, gap: int = 2
) -> npt.NDArray[np.uint8]:
    """Returns one picture of all images, each pixel enlarged to `scale` × `scale`, with see-through gaps.

    It is always `columns` images wide and at least one high, so that sheets of different numbers of
    images keep one scale when a page stretches them to the same width.

    Args:
        images: (images, height, width, channels); channels: 1 (grey), 3 (RGB) or 4 (RGBA).
        columns: images in a row.
        scale: how many times larger.
        gap: pixels between two images.

    Shape:
        result: uint8 (rows * height * scale + gaps, columns * width * scale + gaps, 4).
    """
    if columns < 1 or scale < 1 or gap < 0:
        raise ValueError(f"columns and scale must be at least 1, gap 0, not {columns}, {scale}, {gap}")
    count, height, width, _ = images.shape
    rows = max(1, -(-count // columns))
    high, wide = height * scale + gap, width * scale + gap
    sheet = np.zeros((rows * high - gap, columns * wide - gap, 4), np.uint8)
    large = _rgba(images).repeat(scale, axis=1).repeat(scale, axis=2)
    for i, image in enumerate(large):
        top, left = i // columns * high, i % columns * wide
        sheet[top : top + height * scale, left : left + width * scale] = image
    return sheet


def tile_pairs(
    before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8], *, width: int
) -> npt.NDArray[np.uint8]:
    """Returns one picture with one row per sample: as it was, a wider gap, then what became of it.

    Args:
        before: (samples, height, width, channels).
        after: (samples, copies, height, width, channels).
        width: pixels the picture is at least wide; images are enlarged by whole pixels.

    Shape:
        result: uint8 (height, width, 4).
    """
    copies = after.shape[1]
    scale = max(1, -(-width // ((copies + 1) * before.shape[2])))
    gap = max(2, before.shape[2] * scale // 24)
    left = tile(before, columns=1, scale=scale, gap=gap)
    right = tile(after.reshape(-1, *after.shape[2:]), columns=copies, scale=scale, gap=gap)
    between = np.zeros((len(left), 4 * gap, 4), np.uint8)
    return np.concatenate([left, between, right], axis=1)


def _rgba(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    channels = images.shape[-1]
    if channels == 4:
        return images
    if channels not in (1, 3):
        raise ValueError(f"images have 1, 3 or 4 channels, not {channels}")
    colour = np.broadcast_to(images, (*images.shape[:-1], 3))
    return np.concatenate([colour, np.full_like(colour[..., :1], 255)], axis=-1)
