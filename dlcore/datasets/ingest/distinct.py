"""How many different values there are, counted in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

_KEPT = 2**20
"""Hashes that are kept. Up to as many different values are counted exactly; of more, the standard error of the
estimate is 0.1 %."""

_MARGIN = 1.005
"""What an estimate is raised by: every value gets an id of its own, so too few would be wrong."""

_WAITING = 2**18


Hashes = npt.NDArray[np.uint64]


def hashes_of(values: npt.NDArray[Any]) -> Hashes:
    """(values,) a hash of each: the same in every process."""
    # 0.0 and −0.0 are one number of different bits.
    hashes: Hashes = pd.util.hash_array(
        values + 0.0 if values.dtype.kind == "f" else values, categorize=False
    )
    return hashes


def joined_hashes(hashes: Sequence[Hashes]) -> Hashes:
    """(rows,) one hash of several columns, in their order."""
    joined, *others = hashes
    for one in others:
        # As splitmix64 mixes bits (Steele, Lea and Flood, 2014).
        mixed = joined * np.uint64(0x9E3779B97F4A7C15) ^ one
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        joined = mixed ^ (mixed >> np.uint64(27))
    return joined


class DistinctCount:
    """Counts different values by their smallest hashes.

    The k-th smallest of hashes that are spread evenly tells how many there are (Bar-Yossef et al., 2002).

    Example:
        >>> found = DistinctCount()
        >>> found.add(np.array([1.0, 2.0, 1.0]), 3)
        >>> found.count
        2
    """

    def __init__(self) -> None:
        self._smallest: Hashes = np.empty(0, np.uint64)
        self._waiting: list[Hashes] = []
        self._size = self._total = 0

    def add(self, values: npt.NDArray[Any], total: int) -> None:
        """Takes some values into account.

        Args:
            values: numbers without NaN, or texts.
            total: how many cells hold them, each value at least one.
        """
        self.add_hashes(hashes_of(values), total)

    def add_hashes(self, hashes: Hashes, total: int) -> None:
        """Takes some values into account by their hashes.

        Args:
            hashes: of the values.
            total: how many cells hold them, each value at least one.
        """
        self._total += total
        if len(self._smallest) == _KEPT:
            hashes = hashes[hashes < self._smallest[-1]]
        self._waiting.append(hashes)
        self._size += len(hashes)
        if self._size > _WAITING:
            self._merge()

    @property
    def is_exact(self) -> bool:
        """Whether all hashes are known."""
        self._merge()
        return len(self._smallest) < _KEPT

    @property
    def count(self) -> int:
        """How many different values there are; of very many an upper estimate, up to 1 % too high."""
        if self.is_exact:
            return len(self._smallest)
        estimate = (_KEPT - 1) * 2.0**64 / float(self._smallest[-1])
        return min(self._total, ceil(_MARGIN * estimate))

    def _merge(self) -> None:
        if self._size:
            # `numpy.unique` goes through a hash table, which takes six times as long.
            hashes = np.sort(np.concatenate([self._smallest, *self._waiting]))
            self._smallest = hashes[np.append(True, hashes[1:] != hashes[:-1])][:_KEPT]
            self._waiting, self._size = [], 0
