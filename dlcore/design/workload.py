"""The work of a run in numbers that its time follows from: known before it starts, stored with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil
from typing import Any

from dlcore.spec.adversarial import AdversarialTraining
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import HEAD, FineTuning
from dlcore.spec.graph import GraphReport, LayerRow
from dlcore.spec.layers import Application
from dlcore.spec.layers.base import element_count
from dlcore.spec.model import ModelSpec

VERSION = 1
"""Of what is kept; what another version kept is not compared with."""

EVALUATION_FACTOR = 4
"""How many times larger the batches of an evaluation are: without gradients they need no more memory."""


@dataclass(frozen=True)
class Work:
    """What one batch takes.

    Attributes:
        operations: layers called one after another, each step of a recurrent one for itself.
        flops: floating-point operations.
        values: numbers that layers give.
        weights: numbers that the optimizer changes, its own included.
        augmented: numbers that augmentations change.
    """

    operations: float
    flops: float
    values: float
    weights: float = 0.0
    augmented: float = 0.0


@dataclass(frozen=True)
class Workload:
    """What a whole run takes.

    Attributes:
        dataset: its name and version.
        recipe: a hash of all that shapes the prepared data.
        samples: how many it trains on.
        batch_size: of training.
        precision: the number format.
        parts: how many plain layers are compiled.
        parameters: how many numbers the model holds.
        slots: how many numbers the optimizer holds for each of them.
        steps: the work of a training batch in each phase.
        head_epochs: how many epochs the first phase has; None where there is one phase alone.
        validation: the work of an evaluation on the validation part; None where there is none.
        test: the work of that on the test part.
    """

    dataset: str
    recipe: str
    samples: int
    batch_size: int
    precision: str
    parts: int
    parameters: int
    slots: int
    steps: tuple[Work, ...]
    head_epochs: int | None
    validation: Work | None
    test: Work

    @property
    def steps_per_epoch(self) -> int:
        """Batches of an epoch; the last one may be smaller."""
        return ceil(self.samples / self.batch_size)

    def epochs_by_phase(self, done: float, end: int) -> Mapping[int, float]:
        """Returns how many of the epochs that are left each phase has; those without any are left out.

        Example:
            >>> quick = Work(1, 1, 1)
            >>> load = Workload("d", "r", 90, 9, "float32", 1, 1, 2, (quick, quick), 3, quick, quick)
            >>> load.epochs_by_phase(0, 10), load.epochs_by_phase(4.5, 10)
            ({0: 3, 1: 7}, {1: 5.5})
        """
        border = end if self.head_epochs is None else min(max(self.head_epochs, done), end)
        found = {0: border - done, 1: end - border}
        return {phase: count for phase, count in found.items() if count > 0}

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Workload | None:
        """Restores what `to_dict` returned; None if another version of the program wrote it."""
        if data.get("version") != VERSION:
            return None
        plain = {name: value for name, value in data.items() if name != "version"}
        steps = tuple(Work(**work) for work in data["steps"])
        parts = {name: data[name] and Work(**data[name]) for name in ("validation", "test")}
        return cls(**{**plain, **parts, "steps": steps})


def workload(spec: ExperimentSpec, facts: DatasetFacts, report: GraphReport) -> Workload:
    """Returns what a run of a spec has to do.

    Args:
        spec: what is trained.
        facts: of its dataset.
        report: its model as inferred.
    """
    training, division = spec.training, spec.dataset.division(facts)
    batch, slots = max(1, min(training.batch_size, division.train)), training.optimizer.slots
    inputs = sum(element_count(one.shape) for one in report.inputs.values())
    augmented = float(len(spec.augmentation) * inputs * batch)
    return Workload(
        dataset=f"{facts.name}@{facts.version}",
        recipe=_recipe(spec, facts),
        samples=max(1, division.train),
        batch_size=batch,
        precision=training.precision,
        parts=sum(row.parts for row in report.rows) + len(spec.augmentation),
        parameters=report.parameters.total,
        slots=slots,
        steps=tuple(
            _with_attacks(
                _training(report.rows, shares, batch=batch, slots=slots, augmented=augmented),
                training.adversarial,
                report,
                batch,
            )
            for shares in _learning(spec)
        ),
        head_epochs=None if spec.fine_tuning is None else _head_epochs(spec.fine_tuning, spec.model),
        validation=_evaluation(report, division.validation, batch) if division.validation else None,
        test=_evaluation(report, division.test, batch),
    )


def _recipe(spec: ExperimentSpec, facts: DatasetFacts) -> str:
    data = spec.to_dict()
    # The version is pinned only when a run is queued; a draft of the same data is the same.
    division = {key: value for key, value in data["dataset"].items() if key not in ("name", "version")}
    shaping = [facts.name, facts.version, division, data["preprocessing"]]
    return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()[:16]


def _evaluation(report: GraphReport, samples: int, batch: int) -> Work:
    """Returns the forward passes over a part."""
    batches = ceil(samples / (batch * EVALUATION_FACTOR))
    operations = sum(row.operations for row in report.rows) * batches
    return Work(float(operations), float(report.flops * samples), float(report.activations * samples))


def _training(
    rows: Sequence[LayerRow], shares: Mapping[str, float], *, batch: int, slots: int, augmented: float
) -> Work:
    """Returns a forward pass, the gradients back to the first layer that learns, and the optimizer.

    The gradient of what a layer was given takes as much work as its forward pass, that of its weights as
    much again.

    Args:
        rows: the layers.
        shares: for those that learn, how much of them does.
        batch: samples.
        slots: numbers that the optimizer holds for each weight.
        augmented: numbers that augmentations change.
    """
    operations = flops = values = weights = 0.0
    reached = False
    for row in rows:
        own = shares.get(row.name, 0.0) if row.parameters.trainable else 0.0
        # Within one of several parts gradients are passed on even if none goes further back.
        passed = 1.0 if reached else own * (row.parts > 1)
        operations += row.operations * (1 + max(passed, own))
        flops += row.flops * (1 + passed + own)
        values += row.activations * (1 + max(passed, own))
        weights += own * row.parameters.trainable * (1 + slots)
        reached = reached or own > 0
    return Work(operations, flops * batch, values * batch, weights, augmented)


def _with_attacks(work: Work, wanted: AdversarialTraining | None, report: GraphReport, batch: int) -> Work:
    """Returns the work of a batch with the attacks on a share of it: forward, and back to the samples, in each step."""
    if wanted is None:
        return work
    operations, times = sum(row.operations for row in report.rows), 2 * wanted.steps
    samples = times * ceil(wanted.share * batch)
    return replace(
        work,
        operations=work.operations + times * operations,
        flops=work.flops + samples * report.flops,
        values=work.values + samples * report.activations,
    )


def _learning(spec: ExperimentSpec) -> list[dict[str, float]]:
    """For each phase the layers that learn, and how much of each does."""
    layers, tuning = spec.model.layers, spec.fine_tuning
    if tuning is None:
        return [{layer.name: 1.0 for layer in layers if layer.trainable}]
    fixed, brought = tuning.fixed(spec.model), _brought(tuning, spec.model)
    free = [layer for layer in layers if layer.name not in fixed]
    return [
        {layer.name: 1.0 for layer in free if layer.name not in brought},
        {layer.name: tuning.backbone_share if isinstance(layer, Application) else 1.0 for layer in free},
    ]


def _head_epochs(tuning: FineTuning, model: ModelSpec) -> int:
    """Returns where nothing is new, there is no first phase."""
    return tuning.head_epochs if len(_brought(tuning, model)) < len(model.layers) else 0


def _brought(tuning: FineTuning, model: ModelSpec) -> frozenset[str]:
    """Returns the layers that will probably get weights from elsewhere;
    it is certain only once those are read.
    """
    if tuning.source is None:
        return frozenset(
            layer.name for layer in model.layers if isinstance(layer, Application) and layer.weights
        )
    return frozenset(layer.name for layer in model.layers if not layer.name.startswith(HEAD))
