"""How each kind of data becomes arrays: what is learned from the training part, and how it is applied to samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.samples import Samples
from dlcore.spec.preprocessing import Step

Reader = Callable[[int], Array]
"""Gives the prepared array of one sample, by its place among the samples."""

SampleEncoder = Callable[[Samples, Sequence[Step]], Reader]
"""For kinds whose samples are prepared one by one, with nothing learned from the others."""

State = Mapping[str, Any]
"""What was learned from the training part, JSON-ready."""

CLEANING = "cleaning"
"""Where a state keeps what each step of the cleaning has learned."""


@dataclass(frozen=True)
class EncodedData:
    """Arrays made from all samples together, with what was learned on the way.

    Attributes:
        inputs: by name, (samples, …) float32 or int32.
        y: int64 (samples,) or float32 (samples, outputs).
        division: indices into these arrays.
        rows: for each sample, its row in the dataset as it was stored.
        state: what was learned from the training part, JSON-ready.
    """

    inputs: Mapping[str, Array]
    y: Array
    division: Division
    rows: Indices
    state: State = field(default_factory=dict)


@dataclass(frozen=True)
class AppliedData:
    """Inputs of a model made of samples by what was learned from others.

    Attributes:
        inputs: by name, (inputs, …) float32 or int32.
        rows: for each input, the place of its sample; of a window, that of the last row it shows.
    """

    inputs: Mapping[str, Array]
    rows: Indices


@dataclass(frozen=True)
class TableEncoder:
    """For kinds that learn from the training part how to encode the others.

    Attributes:
        encode: learns from the training part of a division, and applies that to all samples.
        apply: makes inputs of samples by a state that `encode` has returned.
        learn: what `encode` learns from some of the samples, for kinds whose samples become one input each: then
            `apply` can be given a few of them at a time, and what it makes be written before the next are encoded.
    """

    encode: Callable[[Samples, Division, Sequence[Step]], EncodedData]
    apply: Callable[[Samples, Sequence[Step], State], AppliedData]
    learn: Callable[[Samples, Indices, Sequence[Step]], State] | None = None


def read_as_is(samples: Samples, steps: Sequence[Step]) -> Reader:
    """Returns samples that are arrays already."""
    return lambda index: samples.read(int(samples.rows[index]))


def reconstructed(values: Array) -> Array:
    """(samples, numbers) what a reconstruction is to give back: the input itself, in one row each."""
    return values.reshape(len(values), -1)


def targets_of(samples: Samples) -> Array:
    """Returns the targets in the engine's form: class numbers as int64,
    everything else as float32 of two axes.
    """
    assert samples.targets is not None, "only series and ratings have no targets of their own"
    if samples.facts.task.single_label:
        return samples.targets.astype(np.int64)
    values: Array = samples.targets.astype(np.float32)
    return values.reshape(len(values), -1)
