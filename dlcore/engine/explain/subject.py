"""What is explained: one number that a trained model gives for one of its samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcore.datasets.parts import Array, Part
from dlcore.engine.explain.asked import AskedModel
from dlcore.errors import N_, DatasetError, unknown_name
from dlcore.spec.data import Task
from dlcore.text import number_text

Floats = npt.NDArray[np.float64]
Inputs = Mapping[str, Array]

BATCH, BATCH_VALUES = 64, 2**21
"""Samples that are asked in one go at most, and how many numbers they may have together."""


class Subject:
    """A sample of a run, and the number that the model gives for it.

    Of a class that number is its log-odds, log(p / (1 − p)): of two classes it is the logit, of several the logit
    against those of all others. Unlike the probability it still tells something where a model is sure.

    Args:
        asked: the model with its dataset.
        part: `train`, `validation` or `test`.
        sample: its row in the dataset as it was stored.
        output: the class, label or target; by default the one that is predicted, of several targets the first.

    Attributes:
        given: by input, (1, …) the sample as the network takes it.
        index: the place of the output.

    Raises:
        DatasetError: the part has no such sample.
        SpecError: there is no such part, class or target.
    """

    def __init__(self, asked: AskedModel, part: str, sample: int, output: str = "") -> None:
        self.asked, self.sample, self.part = asked, sample, asked.part(part)
        found = np.flatnonzero(self.part.own_rows == sample)
        if not len(found):
            raise _no_sample(part, sample, self.part)
        self._at = int(found[0])
        self.place = int(self.part.indices[self._at])
        self.given = asked.prepared(self.part, np.array([self.place]))
        if output and output not in asked.names:
            raise unknown_name(N_("class or target"), output, asked.names)
        self.predicted = self._predicted()
        self.index = asked.names.index(output) if output else self.predicted

    def _predicted(self) -> int:
        """Returns the place of the class that is predicted, of the likeliest label, or of the first target."""
        if not self.asked.task.classifies:
            return 0
        outputs = self.asked.outputs(self.given).numpy()[0]
        return int(outputs[0] > 0) if self.asked.task is Task.BINARY else int(outputs.argmax())

    @property
    def truth(self) -> str:
        """The right answer: a class, the labels, or the number of the target."""
        label, classes = self.part.labels[self._at], self.asked.how.facts.classes
        if self.asked.task.single_label:
            return classes[int(label)]
        if self.asked.task is Task.MULTILABEL:
            return ", ".join(name for name, value in zip(classes, label, strict=True) if value >= 0.5)
        return number_text(float(label[self.index]))

    def score(self, given: Mapping[str, Any]) -> Any:
        """Returns the number that is explained, as a tensor (samples,); gradients pass through it.

        Args:
            given: by input, (samples, …) arrays or tensors.
        """
        outputs, task, index = self.asked.outputs(given), self.asked.task, self.index
        if task is Task.BINARY:
            return outputs[:, 0] if index else -outputs[:, 0]
        if task is not Task.MULTICLASS:
            return outputs[:, index]
        others = tf.concat([outputs[:, :index], outputs[:, index + 1 :]], axis=1)
        return outputs[:, index] - tf.reduce_logsumexp(others, axis=1)

    def answer(self, score: float) -> float:
        """Returns the probability of log-odds; a number as it is."""
        return float(1 / (1 + np.exp(-score))) if self.asked.task.classifies else score

    def scores(self, samples: Sequence[Inputs]) -> Floats:
        """Returns the number for each of several samples, a batch at a time.

        Args:
            samples: each by input, (1, …).
        """
        found = []
        for start in range(0, len(samples), self.batch):
            some = samples[start : start + self.batch]
            joined = {name: np.concatenate([one[name] for one in some]) for name in self.given}
            found.append(self.score(joined).numpy().astype(np.float64))
        return np.concatenate(found)

    @property
    def batch(self) -> int:
        """How many samples are asked in one go."""
        values = sum(array.size for array in self.given.values())
        return max(1, min(BATCH, BATCH_VALUES // max(1, values)))


def _no_sample(part: str, sample: int, found: Part) -> DatasetError:
    rows = found.own_rows
    return DatasetError(
        N_("the {part} part has no sample {sample}."),
        hint=N_("Name a sample by its row in the dataset, such as {example}."),
        part=part,
        sample=sample,
        example=int(rows[0]) if len(rows) else "–",
    )
