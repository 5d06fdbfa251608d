"""The process of a job: it does the job within its limits, then it ends."""

from __future__ import annotations

import errno
import shutil
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dlcore.durable import put_in_place, write_json
from dlcore.errors import N_, DlcoreError, Message, StoreError
from dlcore.processes.kinds import JobKind
from dlcore.processes.limits import Limits
from dlcore.records import Job, JobUnit
from dlcore.records.artifacts import RESULT_FILE
from dlcore.settings import Settings
from dlcore.store import Store

BETWEEN_REPORTS = 0.25
"""Seconds between two reports of progress; a page asks no sooner."""

UNEXPECTED = N_("an unexpected error: {error}.")
"""What is said of a bug, whose traceback is on standard error."""

SUPERSEDED = 75
"""The exit code of a process whose job was given to another one."""


@dataclass
class StoreHandle:
    """A job's handle, backed by its row in the store.

    Args:
        store: where the row is.
        job: in its state *running*.
        folder: where the results go.
    """

    store: Store
    job: Job
    folder: Path
    _next: float = field(default=0.0, init=False)

    @property
    def settings(self) -> Settings:
        """The folders of the data, and the limits."""
        return self.store.settings

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
    # Not before the store is open: it may be on the network.
    limits.apply()
    store.jobs.finish(job_id, attempt, run_job(store, job, kind, limits))
    store.close()


def run_job(store: Store, job: Job, kind: JobKind, limits: Limits) -> Message | None:
    """Puts the results into the job's folder, all or nothing; whatever goes wrong becomes a reason."""
    part = store.jobs.part(job)
    try:
        part.mkdir(parents=True, exist_ok=True)
        result = kind.do(job.arguments, StoreHandle(store, job, part))
        write_json(part / RESULT_FILE, result)
        _put(part, store.jobs.folder(job.id))
    except DlcoreError as error:
        return error.message
    except MemoryError:
        return limits.out_of_memory()
    except OSError as error:
        return _of_disk(error, limits, store.settings)
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it is, the job says so
        return bug_message(error)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return None


def _of_disk(error: OSError, limits: Limits, settings: Settings) -> Message:
    """Returns the message for a full disk or a file that grew too large; anything else is a bug."""
    if error.errno == errno.EFBIG:
        return limits.out_of_file()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message(
            N_("the disk is full."),
            N_("Free disk space under {folder}."),
            params={"folder": str(settings.jobs_dir)},
        )
    return bug_message(error)


def bug_message(error: Exception) -> Message:
    """Returns the message for a bug, whose traceback goes to the log."""
    traceback.print_exception(error, file=sys.stderr)
    text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return Message(
        UNEXPECTED,
        N_("worker.log in DLCORE_HOME has the details."),
        params={"error": text},
    )


def _put(part: Path, folder: Path) -> None:
    """Moves the results to their place; those of a process that was thought dead are as good."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        put_in_place(part, folder)
    except OSError:
        if not folder.is_dir():
            raise
