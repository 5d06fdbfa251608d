"""Attacks: samples changed by at most a strength so that a model errs, found by its own gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcore.datasets.parts import Array, Indices
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.room import Inputs, Room
from dlcore.engine.trained import with_ops
from dlcore.spec.data import Task

STEPS, STRIDE, SEED = 10, 2.5, 0
"""Of PGD: its steps, how far they reach together in proportion to the strength (Madry et al.), and its random starts."""

Floats = npt.NDArray[np.float32]


class Attacker:
    """A model with its loss, to be led into error.

    A strength bounds how far each number is moved (L∞), in the unit of its room; what is found stays within the range of
    the room. All is in the numbers of the samples themselves: gradients pass through the steps on values.

    Args:
        asked: the model.
        rooms: by input, how far it can be changed; other inputs stay as they are.
    """

    def __init__(self, asked: AskedModel, rooms: Mapping[str, Room]) -> None:
        self.asked, self.rooms = asked, rooms
        self._compiled = tf.function(self._losses_and_gradients, reduce_retracing=True)

    def fgsm(self, given: Inputs, truth: Array, strength: float) -> dict[str, Array]:
        """Returns x + ε · sign(∂L/∂x): Goodfellow, Shlens and Szegedy, Explaining and Harnessing Adversarial Examples, 2015.

        Args:
            given: by input, (samples, …) before the steps on values.
            truth: the right answers, as the engine has targets.
            strength: ε.
        """
        _losses, gradients = self.gradients(given, truth)
        moved = {
            name: given[name] + self._by(name, strength) * np.sign(one) for name, one in gradients.items()
        }
        return self._within(moved, given)

    def pgd(self, given: Inputs, truth: Array, strength: float, rows: Indices) -> dict[str, Array]:
        """Returns the worst samples of several steps that begin anywhere within ε: Madry et al., 2018.

        Towards Deep Learning Models Resistant to Adversarial Attacks. Of each sample the point with the highest loss is
        kept, that of FGSM among them, so this is never the weaker attack.

        Args:
            given: by input, (samples, …) before the steps on values.
            truth: the right answers, as the engine has targets.
            strength: ε.
            rows: (samples,) what their random starts are drawn by, so that a sample is the same in any company.
        """
        worst = self.fgsm(given, truth, strength)
        highest = self.gradients(worst, truth)[0]
        at = self._within(
            {
                name: given[name] + self._by(name, strength) * _uniform(rows, given[name].shape[1:])
                for name in self.rooms
            },
            given,
        )
        for step in range(STEPS + 1):
            losses, gradients = self.gradients(at, truth)
            higher = losses > highest
            highest = np.where(higher, losses, highest)
            for name in self.rooms:
                worst[name] = np.where(_spread(higher, at[name]), at[name], worst[name])
            if step == STEPS:
                break
            moved = {}
            for name, gradient in gradients.items():
                reach = self._by(name, strength)
                there = at[name] + reach * STRIDE / STEPS * np.sign(gradient)
                moved[name] = np.clip(there, given[name] - reach, given[name] + reach)
            at = self._within(moved, given)
        return worst

    def gradients(self, given: Inputs, truth: Array) -> tuple[Floats, dict[str, Floats]]:
        """Returns the loss of each sample, and by input with room the loss's gradient, as large as the samples."""
        losses, found = self._compiled(dict(given), truth)
        return losses.numpy(), {name: one.numpy() for name, one in found.items()}

    def outputs(self, given: Inputs) -> Any:
        """(samples, outputs) what the network gives for samples before the steps on values; see `AskedModel.outputs`."""
        values = self.asked.how.values
        return self.asked.outputs({name: with_ops(one, values.get(name, ())) for name, one in given.items()})

    def _losses_and_gradients(self, given: Mapping[str, Any], truth: Any) -> tuple[Any, dict[str, Any]]:
        tensors = {name: tf.convert_to_tensor(one) for name, one in given.items()}
        watched = [tensors[name] for name in self.rooms]
        with tf.GradientTape() as tape:
            tape.watch(watched)
            losses = self._losses(self.outputs(tensors), truth)
        # A sample's loss depends on that sample alone, so the gradient of their sum holds each one's own.
        found = tape.gradient(losses, watched, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return losses, dict(zip(self.rooms, found, strict=True))

    def _losses(self, outputs: Any, truth: Any) -> Any:
        """(samples,) the cross-entropy of classes and labels, of numbers the squared error."""
        match self.asked.task:
            case Task.MULTICLASS:
                return tf.nn.sparse_softmax_cross_entropy_with_logits(truth, outputs)
            case Task.BINARY:
                true = tf.cast(truth, tf.float32)
                return tf.nn.sigmoid_cross_entropy_with_logits(true, outputs[:, 0])
            case Task.MULTILABEL:
                true = tf.cast(truth, tf.float32)
                return tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(true, outputs), axis=1)
        true = tf.reshape(tf.cast(truth, tf.float32), tf.shape(outputs))
        return tf.reduce_sum((outputs - true) ** 2, axis=1)

    def _by(self, name: str, strength: float) -> Floats:
        """Returns how far each number may be moved."""
        return np.float32(strength) * self.rooms[name].unit

    def _within(self, moved: Inputs, given: Inputs) -> dict[str, Array]:
        """Returns samples within the ranges; inputs that were not moved are as they were given."""
        clipped = {name: self.rooms[name].clipped(one, given[name]) for name, one in moved.items()}
        return {**given, **clipped}


def _uniform(rows: Indices, shape: tuple[int, ...]) -> Floats:
    """(samples, …) numbers from −1 to 1, the same for the same row."""
    return np.stack([np.random.default_rng([SEED, int(row)]).uniform(-1, 1, shape) for row in rows]).astype(
        np.float32
    )


def _spread(flags: npt.NDArray[np.bool_], like: Array) -> npt.NDArray[np.bool_]:
    """Returns a flag for each sample, to be broadcast over its numbers."""
    found: npt.NDArray[np.bool_] = flags.reshape(-1, *[1] * (like.ndim - 1))
    return found
