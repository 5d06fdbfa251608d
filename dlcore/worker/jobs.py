"""The supervisor's part in jobs: starts them, ends the slow, says what became of the lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from dlcore.errors import N_, Message
from dlcore.records import Job, JobState
from dlcore.store import Store
from dlcore.store.database import now
from dlcore.worker.executors.forkserver import UNKNOWN_END, Attempt, Executor

AT_ONCE = 2
"""Jobs at the same time, beside the runs."""

TIMEOUT_SECONDS = 60.0
KEPT_SECONDS = 24 * 3600.0
"""How long the results of a job are kept."""

SWEEP_SECONDS = 600.0
ATTEMPTS = 3
"""How often a job is started that goes down with its supervisor or the forkserver."""

ENVIRONMENT = {"CUDA_VISIBLE_DEVICES": "-1"}
"""Jobs leave the GPUs to the runs."""


class JobRunner:
    """Starts what pages have asked for as children beside the runs.

    Args:
        store: where jobs are.
        executor: where processes come from.
        log: takes a line for people.
        clock: seconds that only rise.
    """

    def __init__(
        self,
        store: Store,
        executor: Executor,
        *,
        log: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._executor, self._log, self._clock = store, executor, log, clock
        self._deadlines: dict[Attempt, float] = {}
        self._late: set[Attempt] = set()
        self._next_sweep = 0.0

    def tick(self, *, ready: bool) -> None:
        """One round; starts something only when a process is there at once."""
        moment = self._clock()
        for attempt, deadline in self._deadlines.items():
            if moment > deadline:
                self._late.add(attempt)
                self._executor.kill(attempt)
        if moment >= self._next_sweep:
            self._store.jobs.sweep(before=now() - KEPT_SECONDS)
            self._next_sweep = moment + SWEEP_SECONDS
        for job in self._store.jobs.unfinished():
            if job.state is JobState.RUNNING and (job.id, job.attempt) not in self._deadlines:
                self._lose(job, Message(N_("its process was killed.")))
            elif job.state is JobState.QUEUED and ready and len(self._deadlines) < AT_ONCE:
                self._start(job)

    def took(self, attempt: Attempt, code: int) -> bool:
        """Whether a process that ended was that of a job; sees it off."""
        if attempt not in self._deadlines:
            return False
        job = self._store.jobs.find(attempt[0])
        if job is not None and job.state is JobState.RUNNING and job.attempt == attempt[1]:
            if attempt in self._late:
                self._fail(attempt, Message(N_("it took too long."), N_("Ask for less, then try again.")))
            elif code in (UNKNOWN_END, -signal.SIGTERM):
                self._lose(job, Message(N_("its process was killed.")))
            else:
                self._fail(attempt, _how_it_ended(code))
        del self._deadlines[attempt]
        self._late.discard(attempt)
        return True

    def _start(self, job: Job) -> None:
        if self._store.jobs.start(job):
            attempt = (job.id, job.attempt + 1)
            self._deadlines[attempt] = self._clock() + TIMEOUT_SECONDS
            self._executor.start(attempt, ENVIRONMENT, is_job=True)

    def _lose(self, job: Job, why: Message) -> None:
        """Back into the queue: no fault of its own, as far as that is known."""
        if job.attempt < ATTEMPTS:
            self._store.jobs.put_back(job.id, job.attempt)
        else:
            self._fail((job.id, job.attempt), why)

    def _fail(self, attempt: Attempt, why: Message) -> None:
        if self._store.jobs.finish(*attempt, why):
            self._log(f"job {attempt[0]} failed: {why.text()}")


def _how_it_ended(code: int) -> Message:
    if code == -signal.SIGKILL:
        return Message(N_("its process was killed, by somebody or for want of memory."))
    return Message(N_("its process ended unexpectedly (exit code {code})."), params={"code": code})
