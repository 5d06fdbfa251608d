"""All that is known of a run and says something of how it learns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.records import Evaluation
from dlcore.records.signals import Signal, SignalKind
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.measure_name import LOSS
from dlcore.spec.metrics import METRICS, higher_is_better, judging_metric

Values = npt.NDArray[np.float64]

LAST_PROBES = 3
"""So many of the latest values say how a signal is now: one alone is of one batch."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A signal over the epochs.

    Attributes:
        epochs: after which it was recorded, rising (records,).
        values: NaN where there was no number (records,).
    """

    epochs: Values
    values: Values

    @property
    def now(self) -> float:
        """The median of its latest values; NaN if there is none."""
        known = self.values[np.isfinite(self.values)][-LAST_PROBES:]
        return float(np.median(known)) if len(known) else math.nan


@dataclass(frozen=True, eq=False)
class Observation:
    """The numbers of a run, while it is at work or after its end.

    Attributes:
        spec: what it trains.
        epochs: how many it should have in the end.
        final: whether it has ended.
        complete: whether it has ended by itself, not by an error or a request.
        diverged_at: the epoch in which its loss was no longer a number, if it failed so.
        train: of each metric its values on the training part (epochs,), from the first epoch on.
        validation: the same on the validation part; empty where there is none.
        evaluation: what it does on the test part, once it has ended.
        facts: of its dataset, where they are known.
        signals: what was recorded of its layers.
    """

    spec: ExperimentSpec
    epochs: int
    final: bool
    complete: bool = False
    diverged_at: int | None = None
    train: Mapping[str, Values] = field(default_factory=dict)
    validation: Mapping[str, Values] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    facts: DatasetFacts | None = None
    signals: Mapping[Signal, Recording] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many epochs it has finished."""
        return len(self.loss)

    @property
    def loss(self) -> Values:
        """The training loss (epochs,)."""
        return self.train.get(LOSS, np.empty(0))

    @property
    def validation_loss(self) -> Values:
        """The validation loss (epochs,); empty where there is none, or not one for each epoch."""
        found = self.validation.get(LOSS, np.empty(0))
        return found if len(found) == self.done else np.empty(0)

    @property
    def metric(self) -> str:
        """What it is judged by."""
        both = [name for name, values in self.train.items() if len(values) == self.done]
        return judging_metric(both) or LOSS

    @property
    def is_share(self) -> bool:
        """Whether what it is judged by is a share of samples; else it is an error without a bound."""
        return self.metric in METRICS and METRICS[self.metric].is_share

    @property
    def errors(self) -> tuple[Values, Values]:
        """What it is judged by on training and validation part, lower being better; of a share what is missing to 1."""
        train, validation = (part.get(self.metric, np.empty(0)) for part in (self.train, self.validation))
        if len(validation) != len(train):
            validation = np.empty(0)
        return (1 - train, 1 - validation) if higher_is_better(self.metric) else (train, validation)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, of a task in which each sample has one of them."""
        if self.facts is not None:
            return self.facts.classes if self.facts.task.single_label else ()
        if self.evaluation is None or not Task(self.evaluation.task).single_label:
            return ()
        return self.evaluation.classes

    @property
    def class_counts(self) -> tuple[int, ...]:
        """How many samples each class has: in the dataset, else in the test part; empty where it is not known."""
        if self.facts is not None and self.facts.task.single_label and self.facts.class_counts:
            return self.facts.class_counts
        return tuple(score.support for score in self.evaluation.scores) if self.evaluation else ()

    @property
    def validation_samples(self) -> int:
        """How many samples the validation part has, about; 100 where nobody knows."""
        return max(1, self.spec.dataset.division(self.facts).validation) if self.facts else 100

    @property
    def keeps_best(self) -> bool:
        """Whether the weights of the best epoch are those that it ends with."""
        stopping = self.spec.training.early_stopping
        return stopping is not None and stopping.restore_best_weights

    def epoch_of_weights(self) -> int:
        """Returns the place of the epoch whose weights count, from 0: the best one, if those are kept, else the last."""
        curve = self.validation_loss
        return int(np.nanargmin(curve)) if self.keeps_best and np.isfinite(curve).any() else self.done - 1

    def of_kind(self, kind: SignalKind) -> dict[str, Recording]:
        """Returns a signal of all layers that have it, in the order of the model."""
        found = {signal.layer: one for signal, one in self.signals.items() if signal.kind is kind}
        places = {layer.name: place for place, layer in enumerate(self.spec.model.layers)}
        return dict(sorted(found.items(), key=lambda row: places.get(row[0], len(places))))

    def median_now(self, kind: SignalKind) -> float:
        """Returns the median over the layers of how a signal is now; NaN where it was not recorded."""
        known = [one.now for one in self.of_kind(kind).values() if math.isfinite(one.now)]
        return float(np.median(known)) if known else math.nan


def standard_error(share: float, samples: int) -> float:
    """Returns that of a share of so many samples; of a share of none or all, that of half a sample.

    Half a sample, so that no share is taken to be certain.
    """
    share = min(max(share, 0.5 / samples), 1 - 0.5 / samples) if samples > 1 else 0.5
    return math.sqrt(share * (1 - share) / samples)


def entropy(counts: Any) -> float:
    """Returns the cross-entropy of one who knows only how frequent classes are, in nats.

    Example:
        >>> round(entropy([5, 5]), 4)
        0.6931
    """
    shares = np.asarray(counts, np.float64)
    shares = shares[shares > 0] / shares.sum()
    return float(-(shares * np.log(shares)).sum())
