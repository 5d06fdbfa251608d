"""Samples that have few like them, by the distance to their nearest neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]

NEIGHBOURS = 10
REFERENCES = 4_000
"""Samples among which neighbours are looked for: so the cost grows with the samples alone."""
BLOCK = 4_096
NUMBERS = 64
"""Of each sample; more are projected onto so many by chance, which keeps distances (Johnson and Lindenstrauss 1984)."""


def neighbour_distances(features: Floats, *, seed: int = 0) -> Floats:
    """(samples,) how far each sample's nearest neighbours are on average, as a multiple of the median of all.

    The mean distance to the k nearest is the outlier score of Angiulli and Pizzuti (2002). Features are standardised
    first; a sample is no neighbour of its own.

    Args:
        features: (samples, numbers), such as what the layer before the last one gives; NaN counts as infinitely far.
        seed: of the choice of the references.
    """
    values = reduced(features, seed=seed)
    finite = np.isfinite(values).all(axis=1)
    found = np.full(len(values), np.inf)
    if finite.sum() < 2:
        return np.where(finite, 1.0, np.inf)
    known = np.flatnonzero(finite)
    spread = values[known].std(axis=0)
    scaled = (values - values[known].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    generator = np.random.default_rng(seed)
    chosen = np.sort(generator.choice(known, min(REFERENCES, len(known)), replace=False))
    near = min(NEIGHBOURS, len(chosen) - 1)
    sizes = (scaled[chosen] ** 2).sum(axis=1)
    for block in np.array_split(known, max(1, -(-len(known) // BLOCK))):
        squares = (
            (scaled[block] ** 2).sum(axis=1)[:, np.newaxis] + sizes - 2 * scaled[block] @ scaled[chosen].T
        )
        squares[block[:, np.newaxis] == chosen] = np.inf
        nearest = np.partition(squares, near - 1, axis=1)[:, :near]
        found[block] = np.sqrt(np.maximum(nearest, 0)).mean(axis=1)
    usual = np.median(found[known])
    return found / usual if usual > 0 else found


def reduced(features: Floats, *, seed: int = 0) -> npt.NDArray[np.float32]:
    """(samples, at most 64) the same samples with fewer numbers, whose distances are nearly those of before."""
    values = features.reshape(len(features), -1).astype(np.float32)
    if values.shape[1] <= NUMBERS:
        return values
    generator = np.random.default_rng(seed)
    onto = generator.normal(size=(values.shape[1], NUMBERS)).astype(np.float32) / np.sqrt(np.float32(NUMBERS))
    projected: npt.NDArray[np.float32] = values @ onto
    return projected
