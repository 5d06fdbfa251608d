"""Requests to learn what is usual to a run's model."""

from __future__ import annotations

from dlcore.queue.explanations import explainable, model_key
from dlcore.queue.jobs import request_job
from dlcore.records import Job, Run
from dlcore.store import Store

_WHAT = "familiarity"


def request_familiarity(store: Store, run: Run, *, owner: str, again: bool = False) -> Job:
    """Requests what is usual to a run's model; once it is done, the predictor says it of each new sample.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: its data is somebody else's.
    """
    explainable(store, run)  # checks what the actor may read
    return request_job(store, _WHAT, {"run": run.id}, owner=owner, key=model_key(run, owner), again=again)


def find_familiarity(store: Store, run: Run, *, owner: str) -> Job | None:
    """Returns that request, if it was made and not swept away."""
    return store.jobs.find_like(_WHAT, model_key(run, owner))
