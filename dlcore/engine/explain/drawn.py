"""Some samples that stand for all of a part."""

from __future__ import annotations

import numpy as np

from dlcore.datasets.parts import Array, Indices, Part

MOST_TRAINING = 2_000
"""Training samples that means, medians, ranges and deviations are taken of."""


def drawn_evenly(indices: Indices, most: int) -> Indices:
    """Returns at most so many of some places, evenly drawn from all of them."""
    chosen = np.unique(np.linspace(0, len(indices) - 1, min(most, len(indices))).astype(np.int64))
    found: Indices = indices[chosen]
    return found


def training_samples(train: Part, name: str) -> Array:
    """Returns training samples of an input, evenly drawn from all of them.

    Args:
        train: the part.
        name: of the input.
    """
    return np.asarray(train.inputs[name][drawn_evenly(train.indices, MOST_TRAINING)])
