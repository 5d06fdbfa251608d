"""What a run will need, before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from dlcore.spec.graph import GraphReport
from dlcore.spec.training import TrainingSpec

BYTES_PER_NUMBER = 4
FRAMEWORK_BYTES = 700 * 1024**2
"""What an idle process with TensorFlow loaded holds (measured: 620 to 780 MB)."""

DEFAULT_FLOPS_PER_SECOND = 2.0e10
"""Training work a 2-core CPU gets through in a second (measured with the first CNN); a run's own
history replaces it."""

PASSES = 3
"""A training step costs about three forward passes: one forward, two for the gradients."""


@dataclass(frozen=True)
class Estimate:
    """Memory in bytes, time in seconds; both rough."""

    memory: int
    seconds: float
    steps_per_epoch: int


def training_flops(report: GraphReport, samples: int, epochs: int) -> float:
    """The floating-point operations of a whole training."""
    return float(report.flops) * PASSES * samples * epochs


def estimate(
    report: GraphReport,
    training: TrainingSpec,
    samples: int,
    flops_per_second: float = DEFAULT_FLOPS_PER_SECOND,
) -> Estimate:
    """Memory and time of a run.

    Args:
        report: the model as inferred.
        training: batch size, epochs and optimizer decide.
        samples: training samples an epoch.
        flops_per_second: what the machine got through in earlier runs.

    Weights, their gradients and the optimizer's slots are held once; activations and their gradients
    once for each sample of a batch.
    """
    weights = report.parameters.total * (2 + training.optimizer.slots)
    activations = 2 * report.activations * min(training.batch_size, samples)
    steps = ceil(samples / training.batch_size)
    return Estimate(
        memory=FRAMEWORK_BYTES + BYTES_PER_NUMBER * (weights + activations),
        seconds=training_flops(report, samples, training.epochs) / flops_per_second,
        steps_per_epoch=steps,
    )
