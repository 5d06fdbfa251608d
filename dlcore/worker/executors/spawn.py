"""Processes that are started anew, of which one has its imports done and waits for work: for systems without fork."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess

from dlcore.processes.child import END, READY, Link, wait_for_work
from dlcore.settings import Settings
from dlcore.worker.executors.base import RESTART_SECONDS, Attempt


@dataclass(frozen=True)
class _Child:
    process: SpawnProcess
    link: Link

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while it lives."""
        return self.process.exitcode

    @property
    def is_ready(self) -> bool:
        """Whether it has said so since the last call."""
        try:
            return self.link.poll() and self.link.recv() == READY
        except (EOFError, OSError):  # it has ended
            return False

    def tell(self, what: object) -> None:
        with suppress(OSError):  # it has ended, which is seen by its exit code
            self.link.send(what)

    def close(self) -> None:
        self.link.close()
        self.process.close()


class SpawnExecutor:
    """New processes on this machine, one of which waits with everything imported.

    The waiting one gets the next work, and another is started to wait. Work that comes before that gets a
    process of its own, and begins once that has done its imports.

    Args:
        target: what the child of a run calls with the settings, the id and the attempt, as `module:function`.
        job_target: the same for a job.
        preload: modules that each child imports before it gets work.
        settings: those of the children.
        environment: variables of the children, set before they import anything.
        ends_with_parent: whether the children end with this process, or outlive it.
    """

    def __init__(
        self,
        target: str,
        *,
        preload: Sequence[str],
        settings: Settings,
        job_target: str = "",
        environment: Mapping[str, str] | None = None,
        ends_with_parent: bool = False,
    ) -> None:
        self._target, self._job_target, self._settings = target, job_target, settings
        self._preload, self._environment = tuple(preload), dict(environment or {})
        self._ends_with_parent = ends_with_parent
        self._context = multiprocessing.get_context("spawn")
        self._spare: _Child | None = None
        self._children: dict[Attempt, _Child] = {}
        self._is_warm = False
        self._next_start = 0.0

    def warm(self) -> bool:
        """Starts a child that waits for work if there is none; returns whether one has ever been ready."""
        spare = self._living_spare()
        if spare is not None:
            self._is_warm = self._is_warm or spare.is_ready
        elif time.monotonic() >= self._next_start:
            self._spare = self._begin()
            self._next_start = time.monotonic() + RESTART_SECONDS
        return self._is_warm

    def start(self, attempt: Attempt, environment: Mapping[str, str], *, is_job: bool = False) -> None:
        """Gives the work to the waiting child, or to a new one."""
        child = self._living_spare() or self._begin()
        self._spare = None
        target = self._job_target if is_job and self._job_target else self._target
        child.tell((target, dict(environment), (self._settings, *attempt)))
        self._children[attempt] = child

    def at_work(self) -> Sequence[Attempt]:
        """Returns those whose process lives."""
        return sorted(self._children)

    def ended(self) -> Sequence[tuple[Attempt, int]]:
        """Returns those whose process has ended since the last call, each with its exit code."""
        codes = {attempt: child.exit_code for attempt, child in self._children.items()}
        ends = [(attempt, code) for attempt, code in codes.items() if code is not None]
        for attempt, _ in ends:
            self._children.pop(attempt).close()
        return ends

    def terminate(self) -> None:
        """Asks all children to save and end, or ends those that would end with this process."""
        if self._spare is not None:
            self._spare.process.kill()
        for child in self._children.values():
            if self._ends_with_parent:
                child.process.kill()
            else:
                child.tell(END)

    def kill(self, attempt: Attempt) -> None:
        """Kills the process of a run or of a job, if it is one of these."""
        if attempt in self._children:
            self._children[attempt].process.kill()

    def _living_spare(self) -> _Child | None:
        """Returns the child that waits for work, if it lives."""
        if self._spare is not None and self._spare.exit_code is not None:
            self._spare.close()
            self._spare = None
        return self._spare

    def _begin(self) -> _Child:
        here, there = self._context.Pipe()
        process = self._context.Process(
            target=wait_for_work,
            args=(there, self._preload, self._environment),
            kwargs={"ends_with_parent": self._ends_with_parent},
        )
        process.start()
        there.close()  # so that each end notices when the other is gone
        return _Child(process, here)
