"""The weights that a training starts with, for the case that it does not learn anything better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.datasets.parts import Part
from dlcore.errors import N_, Message
from dlcore.records.gains import BLOCKS, Losses

START_KEPT = Message(
    N_("no epoch was clearly better than the untrained model, whose weights were kept."),
    N_("More data or another network may help; start_margin of early stopping sets how clear it must be."),
)
"""What is told where the training learned nothing."""


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
