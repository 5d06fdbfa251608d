"""Whether losses have fallen by more than chance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCKS = 10
"""Pieces that losses are compared by, each of samples in a row: neighbours in time do not err independently."""

Losses = npt.NDArray[np.floating[Any]]


def is_better(before: Losses, after: Losses, errors: float) -> bool:
    """Returns whether losses have fallen by more than so many standard errors of their mean difference.

    Example:
        >>> before = np.array([2.0, 2.0, 2.0, 2.0])
        >>> is_better(before, np.array([1.0, 1.1, 0.9, 1.0]), 2.0)
        True
        >>> is_better(before, np.array([1.0, 3.0, 0.9, 2.9]), 2.0)
        False
    """
    gains = before - after
    return bool(gains.mean() > errors * gains.std(ddof=1) / math.sqrt(len(gains)))
