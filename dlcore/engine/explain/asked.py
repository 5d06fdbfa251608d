"""A trained model as explanations ask it: its samples, and what it gives for them before it becomes probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcore.datasets.parts import Array, Part, PreparedData
from dlcore.datasets.prepare.values import apply_value_ops
from dlcore.engine.evaluation import answer_names
from dlcore.engine.trained import TrainedModel, in_full_precision
from dlcore.errors import N_, unknown_name
from dlcore.records.explanation_methods import Explainable
from dlcore.settings import Settings
from dlcore.spec.data import Task

_LEAST = 1e-7
"""The smallest probability whose logarithm is taken."""

PARTS = ("train", "validation", "test")


class AskedModel:
    """A run's model in full precision, called eagerly, so that its layers can be listened to.

    Args:
        folder: of the run.
        settings: where its data is.
        tell: is told the progress of the preparation.

    Attributes:
        how: how samples were prepared.
        network: gives logits wherever its last layer can be made to.
    """

    def __init__(self, folder: Path, settings: Settings, tell: Callable[[str, int, int], None]) -> None:
        self._trained = TrainedModel(folder, settings, tell)
        self.how = self._trained.preparation
        self.network = in_full_precision(self._trained.network)
        gives_probabilities = self.task.classifies and self._trained.activation == "linear"
        self._takes_logarithms = gives_probabilities and not _gives_logits_now(self.network)
        self.input_names = [tensor.name for tensor in self.network.inputs]

    @property
    def data(self) -> PreparedData:
        """The parts of the dataset."""
        return self._trained.data

    @property
    def task(self) -> Task:
        """What the model answers."""
        return self.how.facts.task

    @property
    def gives_logits(self) -> bool:
        """Whether what it gives for classes are the logits themselves, not logarithms of probabilities."""
        return self.task.classifies and not self._takes_logarithms

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each answer is called: the classes, labels or targets."""
        facts = self.how.facts
        return facts.classes if facts.task.classifies else answer_names(facts, self.how.state)

    @cached_property
    def seen(self) -> Explainable:
        """What matters of the run to which methods suit it."""
        return Explainable.of(self.how.spec, self.how.facts)

    def part(self, name: str) -> Part:
        """Returns a part of the dataset.

        Raises:
            SpecError: there is none of that name.
        """
        if name not in PARTS:
            raise unknown_name(N_("part"), name, PARTS)
        found: Part = getattr(self.data, name)
        return found

    def prepared(self, part: Part, places: npt.NDArray[np.int64]) -> dict[str, Array]:
        """Returns samples by their places in the arrays, as the network takes them.

        Returns:
            By input, (samples, …) float32, or int32 where it is ids.
        """
        found = {}
        for name in self.input_names:
            array = np.asarray(part.inputs[name][places])
            if array.dtype != np.int32:
                array = apply_value_ops(array, self.how.values.get(name, ())).astype(np.float32)
            found[name] = array
        return found

    def call(self, given: Mapping[str, Any]) -> Any:
        """Returns what the network gives."""
        named = {name: tf.convert_to_tensor(given[name]) for name in self.input_names}
        return self.network(named if len(named) > 1 else next(iter(named.values())), training=False)

    def outputs(self, given: Mapping[str, Any]) -> Any:
        """(samples, outputs) logits of classes and labels, of two classes that of the second; or numbers."""
        outputs = self.call(given)
        outputs = tf.cast(tf.reshape(outputs, (tf.shape(outputs)[0], -1)), tf.float32)
        if not self._takes_logarithms:
            return outputs
        chances = tf.clip_by_value(outputs, _LEAST, 1 - _LEAST)
        multiclass = self.task is Task.MULTICLASS
        return tf.math.log(chances) if multiclass else tf.math.log(chances) - tf.math.log1p(-chances)


def _gives_logits_now(network: Any) -> bool:
    """Takes softmax or sigmoid off the last layer, in memory alone; returns whether it could be.

    Where a layer of its own does it, the logits are only known by the logarithms of what it gives.
    """
    last = network.outputs[0]._keras_history.operation
    if getattr(last, "activation", None) not in (keras.activations.softmax, keras.activations.sigmoid):
        return False
    last.activation = keras.activations.linear
    return True
