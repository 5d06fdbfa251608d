"""The supervisor and its processes, played by a test."""

from functools import partial

from dlcore.processes.doing import result_or_reason
from dlcore.processes.job import run_job
from dlcore.processes.jobs import JOBS
from dlcore.store import Store


def do_jobs(store: Store) -> None:
    """Does all jobs that wait, in this process and without limits."""
    while waiting := store.jobs.unfinished():
        for job in waiting:
            assert store.jobs.start(job)
            begun, kind = store.jobs.get(job.id), JOBS[job.what]
            limits = kind.limits(store.settings)
            reason = run_job(store, begun, kind, limits, partial(result_or_reason, kind, limits))
            assert store.jobs.finish(job.id, begun.attempt, reason)
