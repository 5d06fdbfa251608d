"""What every executor does, and what their children have in common."""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Attempt = tuple[str, int]
"""The id of a run or of a job, and the attempt a process was started for."""

UNKNOWN_END = 255
"""The exit code of a process whose forkserver died: it may have ended, or live on."""


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


def enter(target: str, environment: Mapping[str, str], arguments: tuple[Any, ...]) -> None:
    """The first thing a child does: its environment, then the function that `target` names.

    The name is resolved only here, so that the supervisor never imports what the child needs.
    """
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    module, _, name = target.partition(":")
    getattr(importlib.import_module(module), name)(*arguments)
