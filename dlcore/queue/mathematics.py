"""Requests for the mathematics of a run."""

from __future__ import annotations

from dlcore.access.permissions import Kind, Verb
from dlcore.analysis.learning.landscape import Landscape
from dlcore.analysis.learning.trace import Trace, TraceNumbers
from dlcore.queue.checks import check_actor
from dlcore.queue.explanations import arrays_of, model_key
from dlcore.queue.jobs import request_job
from dlcore.queue.library import Library
from dlcore.records import Job, Run
from dlcore.records.artifacts import MATHEMATICS_FILE
from dlcore.store import Store

_TRACE, _LANDSCAPE = "mathematics", "loss_landscape"


def request_trace(store: Store, run: Run, part: str, sample: int, *, owner: str, again: bool = False) -> Job:
    """Requests a sample's way through the model of a run; `trace_of` has the answer.

    Args:
        store: where the run is.
        run: it; its model has been saved.
        part: `validation` or `test`.
        sample: its row in the dataset as it was stored.
        owner: whose job it will be.
        again: whether one that has ended is done once more.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: the run was added from an archive that names somebody else's data.
    """
    check_actor(store, Verb.READ, Kind.RUN, run.id, run.owner, actor=store.reader)
    Library.of(store).check_data(run.spec)
    about = {"run": run.id, "part": part, "sample": sample}
    return request_job(store, _TRACE, about, owner=owner, key=model_key(run, owner) | about, again=again)


def request_landscape(
    store: Store, run: Run, part: str, seed: int, *, owner: str, again: bool = False
) -> Job:
    """Requests the loss around the model of a run; `landscape_of` has the answer.

    Args:
        store: where the run is.
        run: it; its model has been saved.
        part: `train`, `validation` or `test`.
        seed: of the directions.
        owner: whose job it will be.
        again: whether one that has ended is done once more.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: the run was added from an archive that names somebody else's data.
    """
    check_actor(store, Verb.READ, Kind.RUN, run.id, run.owner, actor=store.reader)
    Library.of(store).check_data(run.spec)
    about = {"run": run.id, "part": part, "seed": seed}
    key = _landscape_key(run, part, seed, owner)
    return request_job(store, _LANDSCAPE, about, owner=owner, key=key, again=again)


def find_landscape(store: Store, run: Run, part: str, seed: int, *, owner: str) -> Job | None:
    """Returns the last such request for a run as it is now, if it is still known."""
    return store.jobs.find_like(_LANDSCAPE, _landscape_key(run, part, seed, owner))


def landscape_of(store: Store, job: Job) -> Landscape:
    """Returns what a finished job has found.

    Raises:
        NotFoundError: that has been swept away; ask again.
        DlcoreError: it cannot be read.
    """
    return Landscape.from_dict(store.jobs.result(job))


def _landscape_key(run: Run, part: str, seed: int, owner: str) -> dict[str, object]:
    return model_key(run, owner) | {"part": part, "seed": seed}


def trace_of(store: Store, job: Job) -> tuple[Trace, TraceNumbers]:
    """Returns what a finished job has found.

    Raises:
        NotFoundError: that has been swept away; ask again.
        DlcoreError: it cannot be read.
    """
    return Trace.from_dict(store.jobs.result(job)), TraceNumbers(arrays_of(store, job, MATHEMATICS_FILE))
