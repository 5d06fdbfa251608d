"""The supervisor's part in jobs: starts them, ends slow and cancelled ones, and handles lost ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from dlcore.errors import N_, Message, unknown_name
from dlcore.processes.ending import is_end_request
from dlcore.processes.kinds import JobKind
from dlcore.processes.limits import Limits
from dlcore.records import Job, JobState
from dlcore.store import Store
from dlcore.store.database import now
from dlcore.worker.executors.base import UNKNOWN_END, Attempt, Executor

AT_ONCE = 2
"""Jobs at the same time, beside the runs: so many that are short, and so many that are long."""

KEPT_SECONDS = 24 * 3600.0
"""How long the results of a job are kept."""

SWEEP_SECONDS = 600.0
MOST_LOST = 3
"""How often a job is started whose process goes with its supervisor or is killed."""

ENVIRONMENT = {"CUDA_VISIBLE_DEVICES": "-1"}
"""Jobs leave the GPUs to the runs."""


class _Verdict(StrEnum):
    """Why the runner itself ended a process."""

    NONE = ""
    LATE = "late"
    CANCELLED = "cancelled"


@dataclass
class _ActiveJob:
    """A process that does a job."""

    kind: JobKind
    limits: Limits
    executor: Executor
    deadline: float
    verdict: _Verdict = _Verdict.NONE


class JobRunner:
    """Starts what people have asked for as children beside the runs.

    Args:
        store: where jobs are.
        kinds: what can be asked for.
        keras: where the processes come from that have Keras loaded; the caller reaps them.
        light: where the others come from.
        log: takes a line of the log.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        store: Store,
        kinds: Mapping[str, JobKind],
        keras: Executor,
        light: Executor,
        *,
        log: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._kinds, self._keras, self._light = store, kinds, keras, light
        self._log, self._clock = log, clock
        self._at_work: dict[Attempt, _ActiveJob] = {}
        self._exits: dict[Attempt, int] = {}
        self._next_sweep = 0.0

    def tick(self, *, ready: bool) -> None:
        """One round.

        Args:
            ready: whether a process with Keras is there immediately; the others do not wait for that.
        """
        self._reap()
        moment = self._clock()
        for attempt, work in self._at_work.items():
            if moment > work.deadline:
                self._end(attempt, work, _Verdict.LATE)
        if moment >= self._next_sweep:
            self._store.jobs.sweep(before=now() - KEPT_SECONDS)
            self._next_sweep = moment + SWEEP_SECONDS
        can_start = {self._keras: ready, self._light: self._light.warm()}
        for job in self._by_urgency():
            self._attend(job, can_start)

    def took(self, attempt: Attempt, code: int) -> bool:
        """Returns whether a process that ended was that of a job; cleans up after it."""
        work = self._at_work.get(attempt)
        if work is None:
            return False
        job = self._store.jobs.find(attempt[0])
        if job is not None and job.state is JobState.RUNNING and job.attempt == attempt[1]:
            if work.verdict is _Verdict.CANCELLED:
                self._store.jobs.cancel(*attempt)
            elif work.verdict is _Verdict.LATE:
                self._fail(attempt, work.limits.out_of_time())
            elif code == UNKNOWN_END or is_end_request(code):
                self._lose(job)
            else:
                self._fail(attempt, work.limits.reason(code))
        del self._at_work[attempt]
        return True

    def close(self) -> None:
        """Ends the jobs that need no Keras, and puts all that run back into the queue, as if never begun."""
        self._light.terminate()
        for job in self._store.jobs.unfinished():
            if job.state is JobState.RUNNING and (job.id, job.attempt) in self._at_work:
                self._store.jobs.put_back(job, lost_count=job.lost_count)

    def _reap(self) -> None:
        self._exits.update(self._light.ended())
        for attempt, code in list(self._exits.items()):
            self.took(attempt, code)
            del self._exits[attempt]

    def _by_urgency(self) -> list[Job]:
        """Returns the short jobs newest first, since someone is watching those,
        and the long ones oldest first.
        """
        newest_first = self._store.jobs.unfinished()
        long = [job for job in newest_first if job.what in self._kinds and self._kinds[job.what].is_long]
        return [*(job for job in newest_first if job not in long), *reversed(long)]

    def _attend(self, job: Job, can_start: Mapping[Executor, bool]) -> None:
        attempt = (job.id, job.attempt)
        if job.state is JobState.RUNNING and attempt not in self._at_work:
            self._lose(job)
        elif job.state is JobState.RUNNING and job.cancel_requested:
            self._end(attempt, self._at_work[attempt], _Verdict.CANCELLED)
        elif job.state is JobState.QUEUED and job.what not in self._kinds:
            if self._store.jobs.start(job):
                unknown = unknown_name(N_("job"), job.what, self._kinds)
                self._fail((job.id, job.attempt + 1), unknown.message)
        elif job.state is JobState.QUEUED:
            kind = self._kinds[job.what]
            executor = self._keras if kind.needs_keras else self._light
            busy = sum(work.kind.is_long == kind.is_long for work in self._at_work.values())
            if can_start[executor] and busy < AT_ONCE:
                self._start(job, kind, executor)

    def _start(self, job: Job, kind: JobKind, executor: Executor) -> None:
        if not self._store.jobs.start(job):
            return
        attempt, limits = (job.id, job.attempt + 1), kind.limits(self._store.settings)
        deadline = self._clock() + limits.seconds if limits.seconds else float("inf")
        self._at_work[attempt] = _ActiveJob(kind, limits, executor, deadline)
        executor.start(attempt, ENVIRONMENT, is_job=True)

    def _end(self, attempt: Attempt, work: _ActiveJob, verdict: _Verdict) -> None:
        work.verdict = work.verdict or verdict
        work.executor.kill(attempt)

    def _lose(self, job: Job) -> None:
        """Puts a job back into the queue: no fault of its own, as far as that is known."""
        if job.cancel_requested:
            self._store.jobs.cancel(job.id, job.attempt)
        elif job.lost_count + 1 < MOST_LOST:
            self._store.jobs.put_back(job, lost_count=job.lost_count + 1)
        else:
            reason = Message(
                N_("its process was killed {count} times."),
                N_("Try again; worker.log in DLCORE_HOME tells more."),
                params={"count": MOST_LOST},
            )
            self._fail((job.id, job.attempt), reason)

    def _fail(self, attempt: Attempt, why: Message) -> None:
        if self._store.jobs.finish(*attempt, why):
            self._log(f"job {attempt[0]} failed: {why.text()}")
