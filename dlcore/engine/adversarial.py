"""Training against attacks: a share of each batch is changed so that the loss rises, before the model learns from it.

Source: Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks, 2018.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcore.datasets.prepare.values import apply_value_ops, extremes_after, moments_after
from dlcore.engine.data import TrainingData
from dlcore.spec.adversarial import LEVELS, AdversarialTraining, counts_levels
from dlcore.spec.signature import INPUT

Floats = npt.NDArray[np.float32]


class Opponent:
    """Attacks batches as the network takes them, after the steps on values.

    Steps that multiply and add make of a range a range, so a strength means there what it means before them: of pictures
    levels of 255, of all else standard deviations of the training part. Nothing is moved out of the range of the training
    part. The network answers as it does when it is asked, without dropout, so that only the random starts of PGD are
    drawn: `variables` say what the next ones are.

    Args:
        wanted: the attack.
        data: what it trains on.
        seed: what the first random starts depend on.
    """

    def __init__(self, wanted: AdversarialTraining, data: TrainingData, *, seed: int) -> None:
        self._wanted = wanted
        self._low, self._high, self._reach = _bounds(wanted, data)
        self._random = keras.random.SeedGenerator(seed)

    @classmethod
    def of(cls, wanted: AdversarialTraining | None, data: TrainingData, *, seed: int) -> Opponent | None:
        """Returns what attacks, where that is wanted."""
        return None if wanted is None else cls(wanted, data, seed=seed)

    @property
    def variables(self) -> list[Any]:
        """The states of its random generators."""
        return [self._random.state]

    def __call__(self, model: Any, x: Any, y: Any) -> Any:
        """Returns a batch of which the first samples are attacked: their order is another in each epoch.

        Args:
            model: compiled.
            x: float32 (samples, …), after the steps on values.
            y: (samples, …) the right answers, as the loss takes them.
        """
        wanted = self._wanted
        count = tf.cast(tf.math.ceil(wanted.share * tf.cast(tf.shape(x)[0], tf.float32)), tf.int32)
        first, right = x[:count], y[:count]
        lowest = tf.maximum(tf.minimum(self._low, first), first - self._reach)
        highest = tf.minimum(tf.maximum(self._high, first), first + self._reach)
        at = first
        if wanted.steps > 1:
            start = keras.random.uniform(tf.shape(first), -1.0, 1.0, seed=self._random)
            at = tf.clip_by_value(first + self._reach * start, lowest, highest)
        for _step in range(wanted.steps):
            moved = at + wanted.stride * self._reach * self._uphill(model, at, right)
            at = tf.clip_by_value(moved, lowest, highest)
        return tf.concat([tf.stop_gradient(at), x[count:]], axis=0)

    @staticmethod
    def _uphill(model: Any, x: Any, y: Any) -> Any:
        """Returns the signs of the gradient of the loss."""
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = model.compute_loss(x, y, model(x, training=False), None, training=False)
            # In half precision small gradients would be 0.
            scaled = model.optimizer.scale_loss(loss)
        return tf.sign(tape.gradient(scaled, x, unconnected_gradients=tf.UnconnectedGradients.ZERO))


def _bounds(wanted: AdversarialTraining, data: TrainingData) -> tuple[Floats, Floats, Floats]:
    """Returns the range of each feature after the steps on values, and how far it may be moved."""
    train, ops = data.train, data.values.get(INPUT, ())
    of_picture = counts_levels(data.facts.kind, data.image_shape)
    strength = wanted.reach(of_picture=of_picture)
    if of_picture and train.inputs[INPUT].dtype == np.uint8:
        ends = np.array([[0.0], [LEVELS]]) * np.ones(data.image_shape[-1])
        ends = apply_value_ops(ends, ops)
        low, high = ends.min(axis=0), ends.max(axis=0)
    else:
        low, high = extremes_after(train, INPUT, ops)
    reach = strength / LEVELS * (high - low) if of_picture else strength * moments_after(train, INPUT, ops)[1]
    return low.astype(np.float32), high.astype(np.float32), reach.astype(np.float32)
