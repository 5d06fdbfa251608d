"""RunHandle: everything training code sees of the outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dlcore.design.timing import Timing
from dlcore.records import Metric, Segment


class RunHandle(Protocol):
    """The training code's interface to the outside: report, ask, log, and write files under `folder`."""

    @property
    def folder(self) -> Path:
        """The folder of the run's artifacts; exists."""

    def report(self, metrics: Iterable[Metric | Segment]) -> None:
        """Adds points to the run's curves; those of an epoch last before it returns."""

    def progress(self, *, epoch: int, step: int, steps: int) -> None:
        """Reports progress: finished epochs, trained batches, and the total number of batches."""

    def record(self, timing: Timing) -> None:
        """Records how the time of this attempt was spent so far."""

    def should_stop(self) -> bool:
        """Returns whether someone asked the run to stop; cheap enough to ask after every batch."""

    def log(self, text: str) -> None:
        """Adds a line to the run's console log."""


@dataclass
class MemoryHandle:
    """A handle that keeps everything in memory, for notebooks and tests."""

    folder: Path
    metrics: list[Metric] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    epoch: int = 0
    step: int = 0
    steps: int = 0
    timing: Timing = field(default_factory=Timing)
    stop: bool = False

    def report(self, metrics: Iterable[Metric | Segment]) -> None:
        """Keeps the points in `metrics`, one by one."""
        for metric in metrics:
            self.metrics += metric.points() if isinstance(metric, Segment) else [metric]

    def progress(self, *, epoch: int, step: int, steps: int) -> None:
        """Keeps the three numbers."""
        self.epoch, self.step, self.steps = epoch, step, steps

    def record(self, timing: Timing) -> None:
        """Keeps it in `timing`."""
        self.timing = timing

    def should_stop(self) -> bool:
        """Returns whether `stop` was set."""
        return self.stop

    def log(self, text: str) -> None:
        """Keeps the line in `lines`."""
        self.lines.append(text)
