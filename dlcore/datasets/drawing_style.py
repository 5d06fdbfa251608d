"""How the small grey pictures of a dataset are drawn: how large, and whether dark on light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlcore.datasets.parts import Array

LARGEST_SIDE = 64
"""Pixels of the largest pictures that somebody can draw."""

_FAINT = 25
"""Pixel values up to this one count as empty."""


@dataclass(frozen=True)
class DrawingStyle:
    """How a drawing should look; by default as in MNIST.

    Attributes:
        box: the longer side of what is drawn, as a share of the picture's shorter side.
        dark_on_light: whether the ink is dark.
    """

    box: float = 20 / 28
    dark_on_light: bool = False


def style_of(pictures: Array) -> DrawingStyle:
    """Returns the style of some pictures of a dataset.

    Args:
        pictures: (pictures, height, width, 1) uint8.

    Example:
        >>> picture = np.zeros((1, 10, 10, 1), np.uint8)
        >>> picture[0, 2:8, 4:6] = 255
        >>> style_of(picture)
        DrawingStyle(box=0.6, dark_on_light=False)
        >>> style_of(255 - picture)
        DrawingStyle(box=0.6, dark_on_light=True)
    """
    grey = pictures[..., 0]
    edges = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
    dark_on_light = bool(np.median(edges) > 127)
    sizes = [max(_spans(one)) for one in (255 - grey if dark_on_light else grey) > _FAINT if one.any()]
    if not sizes:
        return DrawingStyle()
    return DrawingStyle(float(np.median(sizes)) / min(grey.shape[1:]), dark_on_light)


def _spans(ink: Array) -> tuple[int, int]:
    """Returns how high and how wide the ink is, in pixels."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)
