"""Prepared arrays, and which of their samples belong to which part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.spec.data import DatasetFacts

Indices = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

BLOCK = 4_000_000
"""Numbers that `Part.blocks` reads in one go: the arrays may be larger than memory."""


@dataclass(frozen=True)
class Part:
    """A subset of the samples of some arrays; several parts may share the arrays.

    Attributes:
        inputs: one array for each input of the model, as stored: (samples, …) uint8, float32 or int32.
        y: what is to be predicted: int64 (samples,) class numbers of single-label tasks, else float32
            (samples, outputs).
        indices: which of the samples belong to the part.
        rows: for each sample of the arrays, its row in the dataset as it was stored; empty: its own
            place in the arrays.
    """

    inputs: Mapping[str, Array]
    y: Array
    indices: Indices
    rows: Indices = field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.indices)

    @classmethod
    def whole(cls, inputs: Mapping[str, Array], y: Array) -> Part:
        """Returns all samples of some arrays."""
        return cls(inputs, y, np.arange(len(y)))

    def take(self, indices: Indices) -> Part:
        """Returns some samples of the arrays."""
        return Part(self.inputs, self.y, indices, self.rows)

    def blocks(self, name: str) -> Iterator[Array]:
        """Yields the part's samples of one input, in its order, a few at a time."""
        array = self.inputs[name]
        most = max(1, BLOCK // max(1, math.prod(array.shape[1:])))
        for start in range(0, len(self), most):
            yield array[self.indices[start : start + most]]

    @cached_property
    def labels(self) -> Array:
        """The part's own targets, in its order."""
        labels: Array = self.y[self.indices]
        return labels

    @property
    def own_rows(self) -> Indices:
        """The rows of the part's samples in the dataset as it was stored."""
        return self.rows[self.indices] if len(self.rows) else self.indices

    @property
    def bytes(self) -> int:
        """What the arrays take in memory as a whole."""
        return sum(array.nbytes for array in self.inputs.values()) + self.y.nbytes


@dataclass(frozen=True)
class PreparedData:
    """A dataset cleaned, divided and made into arrays.

    Attributes:
        facts: of the dataset once it is cleaned.
        state: what the steps have learned from the training part (vocabularies, means …), JSON-ready.
        folder: where the arrays lie; None where they are those of a built-in dataset.
        reading: how the dataset's own files were read, as `Samples.reading` has it.
    """

    facts: DatasetFacts
    train: Part
    validation: Part
    test: Part
    state: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)
