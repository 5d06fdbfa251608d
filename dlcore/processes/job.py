"""The process of a job: it does the job within its limits, then it ends."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from dlcore.budgets import Limit
from dlcore.durable import put_in_place, read_json, write_json
from dlcore.errors import DlcoreError, Message, StoreError
from dlcore.processes.confined import is_stranger
from dlcore.processes.confined_job import do_confined
from dlcore.processes.doing import of_disk, result_or_reason
from dlcore.processes.kinds import Arguments, JobHandle, JobKind
from dlcore.processes.limits import Limits
from dlcore.queue.budgets import Account
from dlcore.records import Job, JobUnit
from dlcore.records.artifacts import RESULT_FILE
from dlcore.settings import Settings
from dlcore.store import Store

BETWEEN_REPORTS = 0.25
"""Seconds between two reports of progress; a page asks no sooner."""

SUPERSEDED = 75
"""The exit code of a process whose job was given to another one."""


DoJob = Callable[[Arguments, JobHandle], Message | None]
"""Does a job; returns why it came to nothing, if it did."""


@dataclass
class StoreHandle:
    """A job's handle, backed by its row in the store.

    Args:
        store: where the row is.
        job: in its state *running*.
        folder: where the results go.
        settings: the folders of the data, and the limits, those of whom the job is for among them.
    """

    store: Store
    job: Job
    folder: Path
    settings: Settings
    _next: float = field(default=0.0, init=False)

    def progress(self, done: int, total: int, unit: JobUnit) -> None:
        """Notes how far it is, at most a few times a second."""
        moment = time.monotonic()
        if moment < self._next:
            return
        self._next = moment + BETWEEN_REPORTS
        with suppress(StoreError):  # a store that is locked for a moment must not cost the work
            if not self.store.jobs.report(self.job.id, self.job.attempt, done, total, unit):
                sys.exit(SUPERSEDED)


def live(settings: Settings, job_id: str, attempt: int, kinds: Mapping[str, JobKind]) -> None:
    """Does one job; the last thing this process does.

    Args:
        settings: where store and data lie.
        job_id: the job, in its state *running*.
        attempt: the one this process was started for.
        kinds: what can be asked for.
    """
    store = Store.open(settings)
    job = store.jobs.get(job_id)
    if job.attempt != attempt:
        sys.exit(SUPERSEDED)
    kind = kinds[job.what]
    limits = kind.limits(settings)
    if kind.reach is not None and is_stranger(store, job.owner):
        do: DoJob = partial(_do_apart, store, kind, limits, job.owner)
    else:
        # Not before the store is open: it may be on the network.
        limits.apply()
        do = partial(result_or_reason, kind, limits)
    store.jobs.finish(job_id, attempt, run_job(store, job, kind, limits, do))
    store.close()


def _do_apart(
    store: Store, kind: JobKind, limits: Limits, owner: str, arguments: Arguments, handle: JobHandle
) -> Message | None:
    store.close()  # what is forked must not inherit it; it is opened again when it is next asked
    return do_confined(kind, limits, owner, arguments, handle)


def settings_within(store: Store, owner: str) -> Settings:
    """Returns the settings with what an owner's budget leaves of their limits."""
    most = Account.of_owner(store, owner).budget.get(Limit.DATASET)
    if most is None:
        return store.settings
    dataset_bytes = min(store.settings.max_dataset_bytes, int(most * 10**6))
    return store.settings.model_copy(update={"max_dataset_bytes": dataset_bytes})


def run_job(store: Store, job: Job, kind: JobKind, limits: Limits, do: DoJob) -> Message | None:
    """Puts the results into the job's folder, all or nothing; whatever goes wrong becomes a reason."""
    part = store.jobs.part(job)
    try:
        part.mkdir(parents=True, exist_ok=True)
        if kind.progress_file:
            _go_on(store, job, kind.progress_file)
        handle = StoreHandle(store, job, part, settings_within(store, job.owner))
        reason = do(kind.gathered(job.arguments, store), handle)
        if reason is None and kind.store_side is not None:
            result = kind.concluded(job.arguments, read_json(part / RESULT_FILE), store, part)
            write_json(part / RESULT_FILE, result)
        if reason is None:
            _put(part, store.jobs.folder(job.id))
    except DlcoreError as error:
        return error.message
    except OSError as error:
        return of_disk(error, limits, store.settings)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return reason


def _go_on(store: Store, job: Job, file: str) -> None:
    """Moves what the process before, if it was killed, has kept of its work to where this one looks for it."""
    before = store.jobs.part(replace(job, attempt=job.attempt - 1)) / file
    if before.is_file():
        put_in_place(before, store.jobs.part(job) / file)


def _put(part: Path, folder: Path) -> None:
    """Moves the results to their place; those of a process that was thought dead are as good."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        put_in_place(part, folder)
    except OSError:
        if not folder.is_dir():
            raise
