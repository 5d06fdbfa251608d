"""Where the seconds of a run went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """What a run spends its time on. Each is counted in its own unit."""

    DATA = "data"
    """Finding the data prepared, or preparing it; only the latter counts."""
    STARTING = "starting"
    """Building and compiling the model, its first batches included; counted in compilations."""
    STEPS = "steps"
    """Training; counted in batches, apart for each phase."""
    VALIDATION = "validation"
    """Evaluating after an epoch; counted in epochs."""
    EPOCHS = "epochs"
    """What epochs take besides: the order of the samples, reports, checkpoints; counted in epochs."""
    ENDING = "ending"
    """Evaluating on the test part, writing the model and its figures; counted in endings."""


@dataclass(frozen=True)
class Lap:
    """How often something was done, and how many seconds all of it took."""

    count: int = 0
    seconds: float = 0.0

    def __add__(self, other: Lap) -> Lap:
        """Both together."""
        return Lap(self.count + other.count, self.seconds + other.seconds)


@dataclass(frozen=True)
class Timing:
    """The seconds of a run by stage, over all its attempts.

    Start-up, steps and evaluation are kept apart because only the steps grow with the epochs: a run of
    two epochs tells nothing of a run of fifty if its compilation counts as training.

    Attributes:
        laps: stage to lap; a phase of the training has a stage of its own.
    """

    laps: Mapping[str, Lap] = field(default_factory=dict)

    @staticmethod
    def key(stage: Stage, phase: int = 0) -> str:
        """Returns the name of a stage in `laps`.

        Example:
            >>> Timing.key(Stage.DATA), Timing.key(Stage.STEPS, 1)
            ('data', 'steps.1')
        """
        return f"{stage.value}.{phase}" if stage is Stage.STEPS else stage.value

    def of(self, stage: Stage, phase: int = 0) -> Lap:
        """Returns what was spent on a stage; nothing where it was not reached."""
        return self.laps.get(self.key(stage, phase), Lap())

    def __add__(self, other: Timing) -> Timing:
        """Both together, as of two attempts."""
        names = [*self.laps, *(name for name in other.laps if name not in self.laps)]
        return Timing({name: self.laps.get(name, Lap()) + other.laps.get(name, Lap()) for name in names})

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {name: [lap.count, round(lap.seconds, 6)] for name, lap in self.laps.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Timing:
        """Restores what `to_dict` returned."""
        return cls({name: Lap(count, seconds) for name, (count, seconds) in data.items()})
