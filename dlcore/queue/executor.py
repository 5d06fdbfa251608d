"""Where run processes come from: children of a forkserver that has Keras already imported."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from typing import Any, Protocol

Job = tuple[str, int]
"""A run's id and the attempt it was started for."""


class Executor(Protocol):
    """Starts run processes and tells which have ended."""

    def warm(self) -> bool:
        """Prepares for quick starts without waiting; gives whether that is done."""

    def start(self, job: Job, environment: Mapping[str, str]) -> None:
        """Starts the process of a run."""

    def jobs(self) -> Sequence[Job]:
        """Those whose process lives."""

    def ended(self) -> Sequence[tuple[Job, int]]:
        """Those whose process has ended since the last call, each with its exit code."""

    def terminate(self) -> None:
        """Asks all processes to save and end."""


def enter(target: str, environment: Mapping[str, str], arguments: tuple[Any, ...]) -> None:
    """The first thing a child does: its environment, then the function that `target` names.

    The name is resolved only here, so that the supervisor never imports what the child needs.
    """
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    module, _, name = target.partition(":")
    getattr(importlib.import_module(module), name)(*arguments)


def _nothing() -> None:
    """What the child does that is only there to see the forkserver up."""


@dataclass(frozen=True)
class _Child:
    process: ForkServerProcess
    job: Job


class ForkserverExecutor:
    """Children of a forkserver on this machine.

    A child starts in a fraction of a second because the forkserver has imported what it needs, gives
    back all memory when it ends, and lives on if this process dies.

    Args:
        target: what a child runs, as `module:function`; called with the arguments and the job.
        preload: modules that the forkserver imports.
        arguments: passed to the target before the run's id and attempt.
    """

    def __init__(self, target: str, *, preload: Sequence[str], arguments: tuple[Any, ...] = ()) -> None:
        self._target, self._arguments = target, arguments
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self._children: list[_Child] = []
        self._probe: ForkServerProcess | None = None

    def warm(self) -> bool:
        """Starts the forkserver at the first call; gives whether it has served its first child."""
        if self._probe is None:
            self._probe = self._context.Process(target=_nothing)
            self._probe.start()
        return self._probe.exitcode is not None

    def start(self, job: Job, environment: Mapping[str, str]) -> None:
        """Starts a child for the run; it may wait until the forkserver is up."""
        process = self._context.Process(
            target=enter,
            args=(self._target, dict(environment), (*self._arguments, *job)),
            name=f"run {job[0]}",
        )
        process.start()
        self._children.append(_Child(process, job))

    def jobs(self) -> Sequence[Job]:
        """Those whose process lives."""
        return [child.job for child in self._children]

    def ended(self) -> Sequence[tuple[Job, int]]:
        """Those whose process has ended since the last call, each with its exit code."""
        over = [child for child in self._children if child.process.exitcode is not None]
        self._children = [child for child in self._children if child not in over]
        for child in over:
            child.process.join()
        return [(child.job, child.process.exitcode or 0) for child in over]

    def terminate(self) -> None:
        """Sends SIGTERM to all children: they save and end."""
        for child in self._children:
            child.process.terminate()
