"""Requests to add a run that was exported elsewhere: its archive is unpacked by one job, and added by another.

The first one reads a stranger's file, so it has neither the network nor the store; the second one has both.
"""

from __future__ import annotations

from dlcore.errors import N_, NotFoundError
from dlcore.queue.jobs import SourceFile, request_about_file, request_job
from dlcore.records import Job, Run
from dlcore.store import Store

ADDING = "run_adding"


def request_run_unpacking(store: Store, file: SourceFile, *, owner: str, again: bool = False) -> Job:
    """Requests that the archive of a run is unpacked and checked; `request_run_adding` comes next."""
    return request_about_file(store, "run_unpacking", file, {"owner": owner}, again=again)


def request_run_adding(store: Store, unpacked: Job, *, owner: str) -> Job:
    """Requests that a run is added which a finished job has unpacked; `imported_run` has it."""
    about = {"unpacked": unpacked.id, "owner": owner}
    return request_job(store, ADDING, about, owner=owner, again=True)


def imported_run(store: Store, job: Job) -> Run:
    """Returns the run that a finished job has added.

    Raises:
        NotFoundError: it has been deleted since, or the job is none of these.
    """
    if job.what != ADDING:
        raise NotFoundError(N_("this job has added no run."), where=job.id)
    return store.runs.get(store.jobs.result(job)["run"])
