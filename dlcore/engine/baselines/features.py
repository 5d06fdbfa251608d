"""What small models see of a sample: one row of numbers, made of all inputs of the network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from dlcore.datasets.parts import Array, Part
from dlcore.datasets.prepare.values import ValueOp, apply_value_ops
from dlcore.engine.data import TrainingData

MOST_PIXELS = 3_072
"""A larger picture is made smaller, by the means of neighbours, until it has no more numbers."""

PICTURE_AXES = 3
"""Height, width, channels."""

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Features:
    """The inputs of some data, by what they are to a small model.

    Attributes:
        shapes: of the inputs of numbers, by name.
        sizes: of the inputs of one id each, how many ids there are.
        words: the one input that is a sequence of ids, with its number of ids; None: there is none.
        values: what is done to the numbers before the network sees them.
    """

    shapes: dict[str, tuple[int, ...]]
    sizes: dict[str, int]
    words: tuple[str, int] | None
    values: dict[str, tuple[ValueOp, ...]]

    @classmethod
    def of(cls, data: TrainingData) -> Features | None:
        """Returns the features of some data; None where a small model has no use for an input."""
        shapes, sizes, sequences = {}, {}, []
        for name, spec in data.signature.inputs.items():
            if spec.vocabulary is None:
                shapes[name] = spec.shape
            elif spec.shape == (1,):
                sizes[name] = spec.vocabulary
            else:
                sequences.append((name, spec.vocabulary))
        if sequences and (shapes or sizes or len(sequences) > 1):
            return None
        return cls(shapes, sizes, sequences[0] if sequences else None, dict(data.values))

    @property
    def sparse(self) -> bool:
        """Whether most numbers of a linear model's row are 0."""
        return bool(self.sizes) or self.words is not None

    @property
    def flat(self) -> bool:
        """Whether a sample is a row of numbers and ids already."""
        return self.words is None and all(len(shape) == 1 for shape in self.shapes.values())

    @property
    def numbers(self) -> int:
        """How many numbers of a row are not ids."""
        return sum(math.prod(pooled_shape(shape)) for shape in self.shapes.values())

    @property
    def width(self) -> int:
        """How many numbers of a row are not 0 at most; words are counted by their kind."""
        return self.numbers + len(self.sizes) + (self.words is not None)

    def categories(self, most: int) -> list[int]:
        """Returns the columns of `dense` that are ids of at most so many kinds."""
        return [place for place, size in enumerate(self.sizes.values(), self.numbers) if size <= most]

    def dense(self, part: Part) -> Rows:
        """(samples, columns): numbers as they are, and each id as one number."""
        columns: list[Array] = [self._numbers(part, name) for name in self.shapes]
        columns += [part.inputs[name][part.indices].astype(np.float32) for name in self.sizes]
        return np.concatenate(columns, axis=1)

    def linear(self, part: Part) -> Rows | Any:
        """(samples, features): numbers, a column of 0 and 1 for each id, of words how often each stands there."""
        if self.words is not None:
            return _counts(part, *self.words)
        if not self.sizes:
            return self.dense(part)
        blocks: list[Any] = [sparse.csr_array(self._numbers(part, name)) for name in self.shapes]
        blocks += [_counts(part, name, size) for name, size in self.sizes.items()]
        return sparse.hstack(blocks, format="csr")

    def _numbers(self, part: Part, name: str) -> Rows:
        shape, ops = self.shapes[name], self.values.get(name, ())
        found, start = np.empty((len(part), math.prod(pooled_shape(shape))), np.float32), 0
        for array in part.blocks(name):
            values = pooled(array, _factor(shape)) if len(shape) == PICTURE_AXES else array
            found[start : start + len(array)] = apply_value_ops(values, ops).reshape(len(array), -1)
            start += len(array)
        return found


def pooled_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the shape of a sample once it is made small.

    Example:
        >>> pooled_shape((224, 224, 3)), pooled_shape((28, 28, 1))
        ((32, 32, 3), (28, 28, 1))
    """
    if len(shape) != PICTURE_AXES:
        return shape
    factor = _factor(shape)
    return max(1, shape[0] // factor), max(1, shape[1] // factor), shape[2]


def _factor(shape: tuple[int, ...]) -> int:
    return math.ceil(math.sqrt(math.prod(shape) / MOST_PIXELS))


def pooled(pictures: Array, factor: int) -> Rows:
    """Returns the means of squares of neighbouring pixels; what is left over at the lower right is left out.

    Shape:
        pictures: (samples, height, width, channels).

    Example:
        >>> pooled(np.arange(4.0).reshape(1, 2, 2, 1), 2).tolist()
        [[[[1.5]]]]
    """
    count, height, width, channels = pictures.shape
    tall, wide = (min(factor, size) for size in (height, width))
    rows, columns = height // tall, width // wide
    squares = pictures[:, : rows * tall, : columns * wide].reshape(count, rows, tall, columns, wide, channels)
    found: Rows = squares.mean(axis=(2, 4), dtype=np.float32)
    return found


def _counts(part: Part, name: str, size: int) -> Any:
    """(samples, size): how often each id stands in a sample; the first id, of padding, counts for nothing."""
    ids = part.inputs[name][part.indices]
    rows = np.repeat(np.arange(len(ids)), ids.shape[1])
    ones = np.ones(ids.size, np.float32)
    found = sparse.csr_array((ones, (rows, ids.ravel())), shape=(len(ids), size))
    return found[:, 1:] if ids.shape[1] > 1 else found
