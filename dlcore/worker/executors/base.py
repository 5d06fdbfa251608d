"""What every executor does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

Attempt = tuple[str, int]
"""The id of a run or of a job, and the attempt a process was started for."""

UNKNOWN_END = 255
"""The exit code of a process whose forkserver died: it may have ended, or live on."""

FROZEN = "dlcore.processes.frozen"
"""What a process imports last before others are forked from it."""

RESTART_SECONDS = 5.0
"""Between two starts of a process that prepares others, so that one that cannot start does not hog the machine."""


class Executor(Protocol):
    """Starts run processes and tells which have ended."""

    def warm(self) -> bool:
        """Prepares for quick starts without waiting; returns whether that is done."""

    def start(self, attempt: Attempt, environment: Mapping[str, str], *, is_job: bool = False) -> None:
        """Starts the process of a run or of a job, without waiting."""

    def at_work(self) -> Sequence[Attempt]:
        """Returns those whose process lives."""

    def ended(self) -> Sequence[tuple[Attempt, int]]:
        """Returns those whose process has ended since the last call, each with its exit code."""

    def terminate(self) -> None:
        """Asks all processes to save and end."""

    def kill(self, attempt: Attempt) -> None:
        """Ends the process of a run or of a job at once, if it is one of these."""
