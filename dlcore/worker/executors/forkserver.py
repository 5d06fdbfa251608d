"""Where run processes come from: children of a forkserver that has Keras already imported."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

from dlcore.processes.child import enter
from dlcore.settings import Settings
from dlcore.worker.executors.base import FROZEN, UNKNOWN_END, Attempt


def _nothing() -> None:
    """The target of a child that only checks that the forkserver is up."""


@dataclass(frozen=True)
class _Child:
    process: BaseProcess
    attempt: Attempt
    start: Future[None]

    @property
    def started(self) -> bool:
        """Whether there is, or was, a process."""
        return self.start.done() and not self.start.cancelled() and self.start.exception() is None

    def ask_to_end(self) -> None:
        """Sends SIGTERM; to one that is just being started, once it is there."""
        if not self.start.cancel():
            self.start.add_done_callback(lambda _start: self.process.terminate() if self.started else None)

    @property
    def exit_code(self) -> int | None:
        """None while it lives; to be asked only when its start is over."""
        return self.process.exitcode if self.started else UNKNOWN_END


class ForkserverExecutor:
    """Children of a forkserver on this machine.

    A child starts in a fraction of a second because the forkserver has imported what it needs, gives
    back all memory when it ends, and lives on if this process dies.

    Python waits for the forkserver to have imported everything before `Process.start` returns, 10 s
    on a slow machine, and again if the forkserver was killed. So a thread starts the processes.

    Args:
        target: what the child of a run calls with the settings, the id and the attempt, as `module:function`.
        job_target: the same for a job.
        preload: modules that the forkserver imports.
        settings: for the children.
    """

    def __init__(
        self, target: str, *, preload: Sequence[str], settings: Settings, job_target: str = ""
    ) -> None:
        self._target, self._job_target, self._settings = target, job_target, settings
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([*preload, FROZEN])
        self._children: list[_Child] = []
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="starter")
        self._probe: _Child | None = None
        self._is_warm = False

    def warm(self) -> bool:
        """Starts the forkserver at the first call; returns whether it has served its first child."""
        if self._probe is None:
            process = self._context.Process(target=_nothing)
            self._probe = _Child(process, ("", 0), self._starter.submit(process.start))
        if not self._is_warm:
            self._is_warm = self._quiet() and self._probe.exit_code is not None
        return self._is_warm

    def start(self, attempt: Attempt, environment: Mapping[str, str], *, is_job: bool = False) -> None:
        """Starts a child, as soon as the forkserver is up."""
        target = self._job_target if is_job else self._target
        process = self._context.Process(
            target=enter,
            args=(target, dict(environment), (self._settings, *attempt)),
            name=f"{'job' if is_job else 'run'} {attempt[0]}",
        )
        self._children.append(_Child(process, attempt, self._starter.submit(process.start)))

    def at_work(self) -> Sequence[Attempt]:
        """Returns those whose process lives."""
        return [child.attempt for child in self._children]

    def ended(self) -> Sequence[tuple[Attempt, int]]:
        """Returns those whose process has ended since the last call, each with its exit code."""
        if not self._quiet():
            return []
        codes = [(child, child.exit_code) for child in self._children]
        self._children = [child for child, code in codes if code is None]
        return [(child.attempt, code) for child, code in codes if code is not None]

    def terminate(self) -> None:
        """Sends SIGTERM to all children: they save and end."""
        for child in self._children:
            child.ask_to_end()

    def kill(self, attempt: Attempt) -> None:
        """Sends SIGKILL to the child of a run or of a job, if it is one of these."""
        for child in self._children:
            if child.attempt == attempt and child.started:
                child.process.kill()

    def _quiet(self) -> bool:
        """Returns whether the thread starts nothing: Python's own bookkeeping there must not meet ours
        here.
        """
        known = self._children if self._probe is None else [self._probe, *self._children]
        return all(child.start.done() for child in known)
