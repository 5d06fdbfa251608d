"""Strokes that somebody drew, made into a small picture as those of MNIST were made."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dlcore.datasets.decoding import decode_image
from dlcore.datasets.drawing_style import DrawingStyle
from dlcore.datasets.parts import Array
from dlcore.errors import N_, DatasetError
from dlcore.spec.data import DatasetFacts

_MOST_PIXELS = 4_000_000


def drawn_pixels(png: bytes, style: DrawingStyle, facts: DatasetFacts) -> Array:
    """(height, width) uint8: a drawing as a picture of the dataset.

    What is drawn is cut out, scaled so that its longer side fills the box of the style, and put so that its centre of
    mass is in the middle, as long as all of it stays in the picture: http://yann.lecun.com/exdb/mnist/.

    Args:
        png: light strokes on a dark ground.
        style: how pictures of the dataset are drawn.
        facts: of the dataset, whose pictures are of one size.

    Raises:
        DatasetError: it is no such picture, or there is no ink.
    """
    height, width, _ = facts.image_shape
    ink = _ink(png)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        raise DatasetError(N_("nothing is drawn."), hint=N_("Draw something."))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = style.box * min(height, width) / max(cut.shape)
    size = [max(1, round(side * scale)) for side in cut.shape]
    small = np.asarray(
        Image.fromarray(cut).resize((min(size[1], width), min(size[0], height)), Image.Resampling.BOX)
    )
    picture = np.zeros((height, width), np.uint8)
    top, left = _start(small, height, 0), _start(small, width, 1)
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    return 255 - picture if style.dark_on_light else picture


def _ink(png: bytes) -> Array:
    """(height, width) uint8: how much ink is where."""
    pixels = decode_image(png, max_pixels=_MOST_PIXELS).in_bytes().min(axis=-1).astype(np.int64)
    ground = int(pixels.min())
    ink: Array = ((pixels - ground) * 255 // max(1, 255 - ground)).astype(np.uint8)
    return ink


def _start(small: Array, side: int, axis: int) -> int:
    """Returns where a small picture starts along an axis, for its mass to be in the middle."""
    weights = small.sum(axis=1 - axis, dtype=np.float64)
    places = np.arange(len(weights)) + 0.5
    middle = float((weights * places).sum() / weights.sum()) if weights.any() else len(weights) / 2
    return int(np.clip(round(side / 2 - middle), 0, side - len(weights)))
