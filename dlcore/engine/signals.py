"""How large gradients, weights, steps and activations of the layers are in an epoch.

It must cost next to nothing, also of a training that takes two seconds. So no operation is traced that is not needed: the
training step gives one number more for each of its gradients, and the evaluation on the validation part a few for each
layer that it runs through anyway. What concerns weights alone is done outside, in NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcore.diagnosis.curves import spread
from dlcore.engine.points import point
from dlcore.records import Axis, Metric, Scope
from dlcore.records.signals import Signal, SignalKind
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Layer, ReLU, Shared
from dlcore.spec.layers.base import ACTIVATION

MOST_LOOKS = 200
"""Of a training with more epochs, not each is recorded."""
MOST_LAYERS = 48
"""Layers that are recorded, spread over the model."""
MOST_SAMPLES = 32
"""Samples of a batch of the evaluation whose activations are looked at."""
MOST_WEIGHTS = 16_384
"""Weights of one tensor by which it is measured: to compute with all of a large model would take a while."""

RECTIFIED = frozenset({"relu", "relu6"})

Floats = npt.NDArray[np.floating[Any]]


class Probe:
    """Measures the layers of a network while it is trained and evaluated.

    Args:
        network: the model that is trained.
        spec: of the training.
        epochs: how many it has in all.
    """

    def __init__(self, network: Any, spec: ExperimentSpec, epochs: int) -> None:
        self._network, self._epochs = network, epochs
        # Where gradients are summed over several steps, most of these change nothing.
        self._has_steps = spec.training.optimizer.gradient_accumulation_steps is None
        self._layers = [network.get_layer(name) for name in _chosen(spec, network)]
        self._rectified = {layer.name for layer in spec.model.own_layers if is_rectified(layer)}
        # What a model within the network gives is a tensor of its own, not of the network.
        self._inner = [layer for layer in self._layers if not isinstance(layer, keras.Model)]
        inputs = network.inputs[0] if len(network.inputs) == 1 else {one.name: one for one in network.inputs}
        self._model = keras.Model(
            inputs, [*network.outputs, *(_first(layer.output) for layer in self._inner)]
        )
        self.follow()

    def follow(self) -> None:
        """Follows the network when other layers learn; what was measured before is forgotten."""
        self._learning = {
            layer.name: layer.trainable_variables for layer in self._layers if layer.trainable_variables
        }
        self.forget()

    def forget(self) -> None:
        """Begins an epoch."""
        self._squares: Floats = np.zeros(self.gradient_count)
        self._before: dict[str, list[Floats]] = {}
        self._after: dict[str, list[Floats]] = {}
        self.forget_activations()

    @property
    def gradient_count(self) -> int:
        """How many numbers a step gives of its gradients."""
        return sum(map(len, self._learning.values())) + 1

    def squares(self, gradients: Sequence[Any]) -> Any:
        """Returns half the sum of the squares of each gradient, and whether they count, float32 (gradient_count,).

        Those of a step that the scale of the loss has led out of float16 count for nothing: the optimizer skips it.

        Args:
            gradients: one for each trainable weight of the network, times the scale of the loss.
        """
        weights = self._network.trainable_weights
        found = {id(one): gradient for one, gradient in zip(weights, gradients, strict=True)}
        halves = [
            tf.constant(0.0) if (one := found.get(id(variable))) is None else _half_square(one)
            for of in self._learning.values()
            for variable in of
        ]
        scale = self._network.optimizer.scale_loss(1.0)
        halves.append(tf.constant(1.0))
        numbers = tf.stack(halves)
        if isinstance(scale, float):
            return numbers
        numbers = tf.concat([numbers[:-1] / tf.square(tf.cast(scale, tf.float32)), numbers[-1:]], 0)
        return tf.where(tf.reduce_all(tf.math.is_finite(numbers)), numbers, tf.zeros_like(numbers))

    def add_squares(self, sums: Floats) -> None:
        """Takes what `squares` gave, summed over some steps."""
        self._squares = self._squares + sums

    def call(self, x: Any) -> tuple[Any, list[Any]]:
        """Returns what the network gives outside of training, as it gives it, and what the layers within it give."""
        found = self._model(x, training=False)
        found = found if isinstance(found, list) else [found]
        count = len(self._network.outputs)
        return (found[:count] if count > 1 else found[0]), found[count:]

    @property
    def widths(self) -> list[int]:
        """How many units each layer has that can die."""
        return [_first(layer.output).shape[-1] for layer in self._dying]

    @property
    def _dying(self) -> list[Any]:
        return [
            layer for layer in self._inner if layer.name in self._rectified and _first(layer.output).shape[-1]
        ]

    @property
    def moment_count(self) -> int:
        """How many moments a batch gives."""
        return 2 * len(self._inner) + 1

    def activity(self, inside: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Returns the first two moments of what each layer gives for a batch with a 1, and the largest value of each unit.

        Args:
            inside: what the layers within the network gave.
        """
        moments, largest = [], []
        dying = {layer.name for layer in self._dying}
        for layer, values in zip(self._inner, inside, strict=True):
            values = tf.cast(values[:MOST_SAMPLES], tf.float32)
            moments += [tf.reduce_mean(values), tf.reduce_mean(tf.square(values))]
            if layer.name in dying:
                largest.append(tf.reduce_max(values, axis=list(range(values.shape.rank - 1))))
        return tf.stack([*moments, tf.constant(1.0)]), largest

    def forget_activations(self) -> None:
        """Begins an evaluation."""
        self._moments: Floats = np.zeros(self.moment_count)
        self._largest: list[Floats] = []

    def add_activity(self, moments: Floats, largest: Sequence[Floats]) -> None:
        """Takes what `activity` gave, the moments summed and the largest of some batches."""
        self._moments = self._moments + moments
        before = self._largest or [np.full_like(one, -np.inf) for one in largest]
        self._largest = [np.maximum(one, other) for one, other in zip(before, largest, strict=True)]

    @contextmanager
    def step(self, epoch: int) -> Iterator[None]:
        """Notes the weights before and after what is done in the block: the last step of epoch `epoch`, from 0."""
        recorded = is_recorded(epoch, self._epochs)
        if recorded and self._has_steps:
            self._before = self._weights()
        yield
        if recorded:
            self._after = self._weights()

    def _weights(self) -> dict[str, list[Floats]]:
        return {name: [_sample(one) for one in variables] for name, variables in self._learning.items()}

    def points(self, epoch: int) -> list[Metric]:
        """Returns what was measured in epoch `epoch`, from 0; nothing if it is not recorded, and nothing that is no number."""
        if not is_recorded(epoch, self._epochs):
            return []
        return [
            point(str(Signal.of(kind, name)), Scope.TRAIN, Axis.PROBE, epoch + 1, value)
            for kind, found in self._found()
            for name, value in found.items()
            if math.isfinite(value)
        ]

    def _found(self) -> Iterator[tuple[SignalKind, Mapping[str, float]]]:
        *halves, steps = self._squares.tolist()
        rest = iter(halves)
        squares = {name: 2 * sum(next(rest) for _one in of) for name, of in self._learning.items()}
        if steps:
            norms = {name: math.sqrt(square / steps) for name, square in squares.items()}
            yield SignalKind.GRADIENT_NORM, norms
        yield (
            SignalKind.WEIGHT_NORM,
            {name: _norm(weights, self._learning[name]) for name, weights in self._after.items()},
        )
        yield SignalKind.UPDATE_RATIO, dict(self._update_ratios())
        batches = self._moments[-1]
        if batches:
            means, second = (
                (self._moments[:-1] / batches).reshape(-1, 2).T.tolist() if self._inner else ([], [])
            )
            names = [layer.name for layer in self._inner]
            yield SignalKind.ACTIVATION_MEAN, dict(zip(names, means, strict=True))
            deviations = [
                math.sqrt(max(0.0, square - mean * mean)) for mean, square in zip(means, second, strict=True)
            ]
            yield SignalKind.ACTIVATION_STD, dict(zip(names, deviations, strict=True))
            pairs = zip(self._dying, self._largest, strict=True)
            yield SignalKind.DEAD_SHARE, {layer.name: float(np.mean(one <= 0)) for layer, one in pairs}

    def _update_ratios(self) -> Iterator[tuple[str, float]]:
        for name, before in self._before.items():
            variables = self._learning[name]
            size = _norm(before, variables)
            if name in self._after and size > 0:
                steps = [now - then for now, then in zip(self._after[name], before, strict=True)]
                yield name, _norm(steps, variables) / size


def is_recorded(epoch: int, epochs: int) -> bool:
    """Returns whether epoch `epoch` of so many, counted from 0, is recorded.

    Example:
        >>> [epoch for epoch in range(1_000) if is_recorded(epoch, 1_000)][:3], is_recorded(999, 1_000)
        ([0, 5, 10], True)
    """
    return epoch % max(1, -(-epochs // MOST_LOOKS)) == 0 or epoch + 1 == epochs


def is_rectified(layer: Layer) -> bool:
    """Returns whether a layer gives zero for all that is negative, so that its units can die."""
    if isinstance(layer, ReLU):
        return not layer.negative_slope
    return getattr(layer, "activation", None) in RECTIFIED


def _chosen(spec: ExperimentSpec, network: Any) -> tuple[str, ...]:
    """Returns the names of the layers that are recorded: those with weights, and those that are an activation.

    What is called several times has no one output.
    """
    shared = {layer.of for layer in spec.model.layers if isinstance(layer, Shared)}
    names = [
        layer.name
        for layer in spec.model.own_layers
        if layer.name not in shared and (network.get_layer(layer.name).weights or layer.group == ACTIVATION)
    ]
    return spread(tuple(names), MOST_LAYERS)


def _first(output: Any) -> Any:
    """Returns what a layer gives, without the states that may follow it."""
    return output[0] if isinstance(output, (list, tuple)) else output


def _half_square(gradient: Any) -> Any:
    """Returns half the sum of the squares; where only some rows have a gradient, as of an embedding, of these."""
    values = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
    return tf.nn.l2_loss(tf.cast(values, tf.float32))


def _sample(variable: Any) -> Floats:
    """Returns weights of a variable, evenly spread over it."""
    # Not by a slice of TensorFlow, whose first one in a process takes 25 ms. On a CPU nothing is copied before the last line.
    whole = np.asarray(variable.value).ravel()
    return np.array(whole[:: max(1, -(-whole.size // MOST_WEIGHTS))], np.float64)


def _norm(samples: Sequence[Floats], variables: Sequence[Any]) -> float:
    """Returns the Euclidean norm of all weights of some variables, by those of each that were taken."""
    parts = zip(samples, variables, strict=True)
    # Not by a product: BLAS would wake its threads, which then wait busily for more.
    return math.sqrt(
        sum(float(np.square(one).sum()) * math.prod(of.shape) / max(1, one.size) for one, of in parts)
    )
