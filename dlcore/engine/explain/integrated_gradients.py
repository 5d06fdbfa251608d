"""Integrated gradients: the difference to a sample that says nothing, shared out among the parts of a sample.

Source: Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks, 2017.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcore.datasets.parts import Array
from dlcore.engine.explain.subject import Subject
from dlcore.engine.explain.taps import Change, named_layers, tapped
from dlcore.errors import N_, SpecError
from dlcore.spec.data import DataKind

STEPS = (32, 64, 128, 256, 512)
"""Points on the way that are tried, until the sum is right."""
TOLERANCE, _ROUNDING = 0.01, 1e-5
"""How far the sum may be from the difference, in proportion to it; and what is rounding."""

Floats = npt.NDArray[np.float64]
Vectors = dict[Any, Any]
"""By embedding, what it gives."""


@dataclass(frozen=True)
class Shares:
    """The difference of two scores, shared out.

    Attributes:
        by_input: (…) of one sample, of each input that has a share.
        score, baseline_score: of the sample, and of what it is compared with.
        steps: points on the way between them.
        holds: whether the shares sum to the difference of the two within `TOLERANCE`.
    """

    by_input: Mapping[str, Floats]
    score: float
    baseline_score: float
    steps: int
    holds: bool


def integrated_gradients(subject: Subject, baseline: Mapping[str, Array]) -> Shares:
    """Returns (x − b) · the mean of ∂score/∂x on the straight way from b to x (midpoint rule).

    Ids have no gradient, so the way leads through the vectors that their embeddings give, from those of the
    baseline's ids. Of a text these are those of padding: what stands behind its end is then the same all the way,
    and has no share.

    Raises:
        SpecError: ids become no vectors.
    """
    path = _Path.of(subject, baseline)
    ends = path.scores(np.array([0.0, 1.0]))
    difference = ends[1] - ends[0]
    for steps in STEPS:
        found = path.shares(steps)
        holds = abs(sum(one.sum() for one in found.values()) - difference) <= max(
            TOLERANCE * abs(difference), _ROUNDING
        )
        if holds:
            break
    return Shares(found, float(ends[1]), float(ends[0]), steps, bool(holds))


@dataclass(frozen=True)
class _Path:
    """The straight way between two samples.

    Attributes:
        start, end: by input of numbers, or embedding, (1, …) tensors.
        inputs: by embedding, the input that its ids come from.
    """

    subject: Subject
    start: Vectors
    end: Vectors
    inputs: Mapping[Any, str]

    @classmethod
    def of(cls, subject: Subject, baseline: Mapping[str, Array]) -> _Path:
        embeddings = _embeddings(subject)
        numbers = [name for name in subject.given if subject.given[name].dtype != np.int32]
        missing = {name for name in subject.given if name not in numbers} - {*embeddings.values()}
        if missing and subject.asked.how.facts.kind in (DataKind.TEXT, DataKind.TABLE):
            raise SpecError(
                N_("these inputs are ids that become no vectors, so they have no gradients: {names}."),
                hint=N_("Choose occlusion."),
                where="integrated_gradients",
                names=", ".join(sorted(missing)),
            )
        end, start = _vectors(embeddings, subject.given), _vectors(embeddings, baseline)
        end |= {name: tf.convert_to_tensor(subject.given[name]) for name in numbers}
        start |= {name: tf.convert_to_tensor(baseline[name]) for name in numbers}
        return cls(subject, start, end, embeddings)

    def shares(self, steps: int) -> dict[str, Floats]:
        """Returns the share of each number; of an id, that of all numbers of its vector."""
        sums: dict[Any, Any] = {}
        points = ((np.arange(steps) + 0.5) / steps).astype(np.float32)
        for begin in range(0, steps, self.subject.batch):
            for key, gradient in self._gradients(points[begin : begin + self.subject.batch]).items():
                sums[key] = sums.get(key, 0) + tf.reduce_sum(tf.cast(gradient, tf.float64), axis=0)
        found: dict[str, Floats] = {}
        for key, total in sums.items():
            share = (tf.cast(self.end[key] - self.start[key], tf.float64)[0] * total / steps).numpy()
            name = key if isinstance(key, str) else self.inputs[key]
            shape = self.subject.given[name].shape[1:]
            if not isinstance(key, str):
                share = share.reshape(*shape, -1).sum(axis=-1)
            found[name] = found.get(name, 0) + share
        return found

    def scores(self, points: Array) -> Floats:
        """Returns the scores at points from 0, the baseline, to 1, the sample."""
        found: Floats = (
            self._score(self._at(points.astype(np.float32)), len(points)).numpy().astype(np.float64)
        )
        return found

    def _gradients(self, points: Array) -> Vectors:
        at = self._at(points)
        with tf.GradientTape() as tape:
            tape.watch(list(at.values()))
            score = self._score(at, len(points))
        found = tape.gradient(score, list(at.values()), unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return dict(zip(at, found, strict=True))

    def _at(self, points: Array) -> Vectors:
        return {
            key: self.start[key]
            + tf.reshape(tf.cast(points, end.dtype), (-1, *[1] * (len(end.shape) - 1)))
            * (end - self.start[key])
            for key, end in self.end.items()
        }

    def _score(self, at: Vectors, count: int) -> Any:
        """(points,) with each embedding giving the vectors of the way; its masks follow from the sample's ids."""
        ids = {
            name: np.repeat(array, count, axis=0)
            for name, array in self.subject.given.items()
            if name not in at
        }
        numbers = {name: one for name, one in at.items() if isinstance(name, str)}
        changes = {layer: _instead(vectors) for layer, vectors in at.items() if not isinstance(layer, str)}
        with tapped(changes):
            return self.subject.score({**ids, **numbers})


def _instead(vectors: Any) -> Change:
    return lambda argument, result: vectors


def _vectors(embeddings: Mapping[Any, str], given: Mapping[str, Array]) -> Vectors:
    return {layer: layer(tf.convert_to_tensor(given[name])) for layer, name in embeddings.items()}


def _embeddings(subject: Subject) -> dict[Any, str]:
    """Returns the embeddings that take an input of ids as it is, with the name of that input."""
    found: dict[Any, str] = {}
    ids = [name for name in subject.given if subject.given[name].dtype == np.int32]
    heard: dict[Any, Any] = {}

    def hear(layer: Any) -> Change:
        def heard_of(argument: Any, result: Any) -> Any:
            heard[layer] = argument
            return result

        return heard_of

    tables = [
        one for _name, one in named_layers(subject.asked.network) if isinstance(one, keras.layers.Embedding)
    ]
    with tapped({layer: hear(layer) for layer in tables}):
        subject.asked.call(subject.given)
    for layer, argument in heard.items():
        names = [name for name in ids if np.array_equal(np.asarray(argument), subject.given[name])]
        if len(names) > 1:  # several columns have the same id: the graph tells which it is
            names = [name for name in names if name == _origin(layer)]
        if names:
            found[layer] = names[0]
    return found


def _origin(layer: Any) -> str:
    """Returns the name of what a layer takes directly."""
    return str(layer.input._keras_history.operation.name)
