"""The weights that a training starts with, for the case that it does not learn anything better."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Part
from dlcore.errors import N_, Message

BLOCKS = 10
"""Pieces of the validation part, each of samples in a row: neighbours in time do not err independently."""

START_KEPT = Message(
    N_("no epoch was clearly better than the untrained model, whose weights were kept."),
    N_("More data or another network may help; start_margin of early stopping sets how clear it must be."),
)
"""What is told where the training learned nothing."""

Losses = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Start:
    """A model before its first batch.

    Attributes:
        weights: all of the model's.
        losses: the mean validation loss of each block.
    """

    weights: list[np.ndarray[Any, Any]]
    losses: Losses


def blocks_of(part: Part) -> list[Part]:
    """Returns a part in at most so many pieces of about equal size, in its order."""
    return [part.take(indices) for indices in np.array_split(part.indices, min(BLOCKS, len(part)))]


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
