"""What a run will need: memory, and time as estimated from earlier runs."""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.design.speeds import NOTHING, Span, Units
from dlcore.design.workload import Workload
from dlcore.spec.graph import GraphReport
from dlcore.spec.training import TrainingSpec

BYTES_PER_NUMBER = 4
FRAMEWORK_BYTES = 700 * 1024**2
"""What an idle process with TensorFlow loaded holds (measured: 620 to 780 MB)."""


def training_memory(report: GraphReport, training: TrainingSpec, samples: int) -> int:
    """Returns roughly how many bytes a training takes.

    Weights, their gradients and the optimizer's slots are held once; activations and their gradients
    once for each sample of a batch.

    Args:
        report: the model as inferred.
        training: batch size and optimizer decide.
        samples: training samples per epoch.
    """
    weights = report.parameters.total * (2 + training.optimizer.slots)
    activations = 2 * report.activations * min(training.batch_size, samples)
    return FRAMEWORK_BYTES + BYTES_PER_NUMBER * (weights + activations)


@dataclass(frozen=True)
class Position:
    """How far a run is.

    Attributes:
        epochs: how many it should have in the end.
        done: how many of them are done; the one it is in counts by its share.
        training: whether its process has come to the first batch.
    """

    epochs: int
    done: float = 0.0
    training: bool = False


@dataclass(frozen=True)
class Forecast:
    """How much longer a run will take.

    Attributes:
        span: the seconds.
        unprepared: its data was never prepared here; that takes an unknown time in addition.
    """

    span: Span
    unprepared: bool = False


def forecast(load: Workload, units: Units, position: Position) -> Forecast:
    """Returns how long a run takes from a position to its end, if no early stopping ends it.

    Args:
        load: what it has to do.
        units: how long each part of that takes.
        position: how far it is.
    """
    span, phases = units.ending, load.epochs_by_phase(position.done, position.epochs)
    for phase, epochs in phases.items():
        span += units.steps[phase] * (epochs * load.steps_per_epoch)
    whole = position.epochs - int(position.done)
    span += (units.epochs + (units.validation or NOTHING)) * whole
    # Each phase is compiled when it begins.
    compilations = len(phases) - position.training
    span += units.starting * max(0, compilations)
    if position.training:
        return Forecast(span)
    return Forecast(span + (units.data or NOTHING), unprepared=units.data is None)
