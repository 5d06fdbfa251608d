"""Small images, made large without blur."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dlcore.plots.images import tile

SIDE = 112
"""Pixels that a shown image is at least wide."""


def enlarge(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Returns one image enlarged by whole pixels, as (height, width, 4)."""
    scale = max(1, -(-SIDE // image.shape[1]))
    return tile(image[None], columns=1, scale=scale)
