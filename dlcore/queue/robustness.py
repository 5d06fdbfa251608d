"""Requests for how a run's model bears disturbed samples."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from dlcore.queue.explanations import Arrays, arrays_of, explainable, model_key
from dlcore.queue.jobs import request_job
from dlcore.records import Job, Run
from dlcore.records.robustness import (
    DISTURBED_FILE,
    DisturbedSample,
    Robustness,
    checked_disturbance,
    checked_strengths,
)
from dlcore.store import Store

_MEASURE, _SAMPLE = "robustness", "disturbed_sample"


@dataclass(frozen=True)
class RobustnessRequest:
    """What is asked of a run.

    Attributes:
        kind: the name of a disturbance.
        part: `test` or `validation`.
        strengths: to try; none: those of the disturbance.
    """

    kind: str
    part: str = "test"
    strengths: tuple[float, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the arguments of a job."""
        return {**asdict(self), "strengths": list(self.strengths)}


def request_robustness(
    store: Store, run: Run, wanted: RobustnessRequest, *, owner: str, again: bool = False
) -> Job:
    """Requests how good a run's model is at each strength of a disturbance; `robustness_of` has the answer.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: the disturbance does not suit the run, a strength is out of range, or its data is somebody else's.
    """
    return _request(store, _MEASURE, run, wanted, {}, owner=owner, again=again)


def find_robustness(store: Store, run: Run, wanted: RobustnessRequest, *, owner: str) -> Job | None:
    """Returns that request, if it was made and not swept away."""
    return store.jobs.find_like(_MEASURE, model_key(run, owner) | wanted.to_dict())


def robustness_of(store: Store, job: Job) -> Robustness:
    """Returns what a finished job has found.

    Raises:
        NotFoundError: that has been swept away.
    """
    return Robustness.from_dict(store.jobs.result(job))


def request_disturbed(
    store: Store, run: Run, wanted: RobustnessRequest, sample: int, *, owner: str, again: bool = False
) -> Job:
    """Requests what a disturbance makes of one sample; `disturbed_of` has the answer.

    Args:
        store: where the run is.
        run: it.
        wanted: the disturbance, and the part that the sample is of.
        sample: its row in the dataset as it was stored.
        owner: whose job it will be.
        again: whether one that has ended is done once more.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: the disturbance does not suit the run, a strength is out of range, or its data is somebody else's.
    """
    return _request(store, _SAMPLE, run, wanted, {"sample": sample}, owner=owner, again=again)


def find_disturbed(
    store: Store, run: Run, wanted: RobustnessRequest, sample: int, *, owner: str
) -> Job | None:
    """Returns that request, if it was made and not swept away."""
    return store.jobs.find_like(_SAMPLE, model_key(run, owner) | wanted.to_dict() | {"sample": sample})


def disturbed_of(store: Store, job: Job) -> tuple[DisturbedSample, Arrays]:
    """Returns what a finished job has found; see `arrays_of` for what it raises."""
    return DisturbedSample.from_dict(store.jobs.result(job)), arrays_of(store, job, DISTURBED_FILE)


def check_robustness(store: Store, run: Run, wanted: RobustnessRequest) -> None:
    """Checks what can be told before Keras is loaded.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: the disturbance does not suit the run, a strength is out of range, or its data is somebody else's.
    """
    seen = explainable(store, run)
    disturbance = checked_disturbance(wanted.kind, seen)
    assert seen.form is not None, "a disturbance suits only what has a form"
    checked_strengths(wanted.strengths, disturbance, seen.form)


def _request(
    store: Store,
    what: str,
    run: Run,
    wanted: RobustnessRequest,
    more: dict[str, Any],
    *,
    owner: str,
    again: bool,
) -> Job:
    check_robustness(store, run, wanted)
    arguments = wanted.to_dict() | more
    return request_job(
        store,
        what,
        {"run": run.id, **arguments},
        owner=owner,
        key=model_key(run, owner) | arguments,
        again=again,
    )
