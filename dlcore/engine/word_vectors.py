"""Embedding layers that start with stored word vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.vectors.stored import FoundVectors
from dlcore.records import WARNING

HARDLY_ANY = 0.1
"""A smaller share of a vocabulary is found by chance: numbers, names and signs are in files of any language."""


def start_with_vectors(network: Any, found: Mapping[str, FoundVectors], log: Callable[[str], None]) -> None:
    """Puts word vectors into Embedding layers that were just built.

    Args:
        network: what `build_model` made.
        found: the vectors for each layer by name.
        log: is told how many words have one.
    """
    for name, vectors in found.items():
        layer = network.get_layer(name)
        (table,) = layer.get_weights()
        layer.set_weights([filled_table(table, vectors)])
        count, percent = f"{len(vectors.ids):,} of {vectors.sought:,}", round(100 * vectors.share)
        log(f"{name}: {count} words have a vector ({percent} %)")
        if vectors.share < HARDLY_ANY:
            log(
                f"{WARNING}{name}: hardly any word has a vector. "
                "Are the vectors of the same language, and the texts cut into the same words?"
            )


def filled_table(table: npt.NDArray[Any], vectors: FoundVectors) -> npt.NDArray[Any]:
    """Returns a table of random vectors with the found ones in their rows; the others are scaled like them.

    Args:
        table: (vocabulary, dimension).
        vectors: those that are found.
    """
    if not len(vectors.ids):
        return table
    filled = np.array(table)
    missing = np.setdiff1d(np.arange(len(table)), vectors.ids)
    if len(missing):
        filled[missing] *= vectors.values.std() / (table[missing].std() or 1)
    filled[vectors.ids] = vectors.values
    return filled
