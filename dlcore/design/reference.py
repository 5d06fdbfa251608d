"""The cost of a run's stages on a reference machine: its shape, not its size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import Protocol

from dlcore.design.timing import Stage
from dlcore.design.workload import Work, Workload

FLOAT16_APART = 3.0
"""How far another number format lies from float32, as a logarithm: it may be faster or much slower."""


class Reference(Protocol):
    """What is known of the cost of runs before any is seen."""

    def seconds(self, stage: Stage, load: Workload, phase: int) -> float:
        """Of one unit of a stage, above 0."""

    def place(self, stage: Stage, load: Workload, phase: int) -> tuple[float, ...]:
        """Returns where the work of a stage is among others, in logarithms;
        near each other is what is alike.
        """


@dataclass(frozen=True)
class Rates:
    """Seconds for each thing that a stage consists of.

    Only their proportions matter: how fast a machine is, its runs tell.

    Attributes:
        call: a batch, whatever is in it.
        evaluation: an evaluation, whatever is in it.
        operation, flop, value, weight, augmented: as `Work` counts them.
        compilation, part: a compilation, and each plain layer in it.
        epoch, saved: an epoch, and each number in its checkpoint.
        ending: the end of a run.
    """

    call: float
    evaluation: float
    operation: float
    flop: float
    value: float
    weight: float
    augmented: float
    compilation: float
    part: float
    epoch: float
    saved: float
    ending: float

    def seconds(self, stage: Stage, load: Workload, phase: int) -> float:
        """Of one unit of a stage."""
        saved = self.saved * load.parameters * (1 + load.slots)
        match stage:
            case Stage.STEPS:
                return self._work(load.steps[phase])
            case Stage.VALIDATION:
                assert load.validation is not None, "there is no validation part"
                return self.evaluation + self._work(load.validation)
            case Stage.STARTING:
                return self.compilation + self.part * load.parts
            case Stage.EPOCHS:
                return self.epoch + saved
            case Stage.ENDING:
                return self.ending + saved + self._work(load.test)
        raise AssertionError(f"{stage} has no reference")

    def _work(self, work: Work) -> float:
        return (
            self.call
            + self.operation * work.operations
            + self.flop * work.flops
            + self.value * work.values
            + self.weight * work.weights
            + self.augmented * work.augmented
        )

    def place(self, stage: Stage, load: Workload, phase: int) -> tuple[float, ...]:
        """By the amounts of each kind of work; small ones hardly count."""
        precision = 0.0 if load.precision == "float32" else FLOAT16_APART
        match stage:
            case Stage.STEPS:
                work = load.steps[phase]
            case Stage.VALIDATION:
                work = load.validation or load.test
            case Stage.ENDING:
                work = replace(load.test, weights=load.parameters)
            case _:
                work = Work(operations=load.parts, flops=0.0, values=0.0, weights=load.parameters)
        return (
            log(1 + work.operations),
            log(1e5 + work.flops),
            log(1e4 + work.values + work.augmented),
            log(1e4 + work.weights),
            precision,
        )


CPU = Rates(
    call=3e-5, evaluation=0.01, operation=1.1e-4, flop=1.9e-11, value=1e-11, weight=1.2e-9, augmented=2e-9,
    compilation=2.0, part=0.2, epoch=0.03, saved=4.5e-8, ending=0.1,
)  # fmt: skip
"""Fitted to 32 runs of all kinds on two cores."""

GPU = Rates(
    call=2e-4, evaluation=0.01, operation=2e-5, flop=5e-14, value=5e-12, weight=1e-11, augmented=2e-11,
    compilation=4.0, part=0.4, epoch=0.03, saved=4.5e-8, ending=0.1,
)  # fmt: skip
"""Not measured: a batch is launched, and each operation as well, whatever is in it, and XLA compiles."""
