"""Requests to explain an answer of a run's model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.access.permissions import Kind, Verb
from dlcore.errors import N_, NotFoundError
from dlcore.queue.checks import check_actor
from dlcore.queue.jobs import request_job
from dlcore.queue.library import Library
from dlcore.records import Job, Run
from dlcore.records.explanation_methods import Baseline, Explainable, checked_method
from dlcore.records.explanations import EXPLANATION_FILE, Explanation
from dlcore.spec.experiment import ExperimentSpec
from dlcore.store import Store
from dlcore.store.run_files import read_arrays

_WHAT = "explanation"

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class ExplanationRequest:
    """What is asked of a run.

    Attributes:
        part, sample: which sample; `sample` is its row in the dataset as it was stored.
        method: the name of one.
        output: the class, label or target; empty: the one that is predicted.
        layer: of Grad-CAM; empty: the last convolution.
        baseline: of pictures, what they are compared with.
    """

    part: str
    sample: int
    method: str
    output: str = ""
    layer: str = ""
    baseline: Baseline = Baseline.BLACK

    def to_dict(self) -> dict[str, Any]:
        """Returns the arguments of a job."""
        return asdict(self)


def request_explanation(
    store: Store, run: Run, wanted: ExplanationRequest, *, owner: str, again: bool = False
) -> Job:
    """Requests why a run's model answers so for a sample; `explanation_of` has the answer.

    Args:
        store: where the run is.
        run: it.
        wanted: what is asked.
        owner: whose job it will be.
        again: whether one that has ended is done once more.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: the method does not suit the run, or its data is somebody else's.
    """
    checked_method(wanted.method, explainable(store, run))
    return request_job(
        store,
        _WHAT,
        {"run": run.id, **wanted.to_dict()},
        owner=owner,
        key=model_key(run, owner) | wanted.to_dict(),
        again=again,
    )


def find_explanation(store: Store, run: Run, wanted: ExplanationRequest, *, owner: str) -> Job | None:
    """Returns that request, if it was made and not swept away."""
    return store.jobs.find_like(_WHAT, model_key(run, owner) | wanted.to_dict())


def explainable(store: Store, run: Run) -> Explainable:
    """Returns what tells which methods suit a run.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: its data is somebody else's, or no longer there.
    """
    check_actor(store, Verb.READ, Kind.RUN, run.id, run.owner, actor=store.reader)
    library, spec = Library.of(store), ExperimentSpec.from_dict(run.spec)
    library.check_data(run.spec)
    return Explainable.of(spec, library.facts_in(spec.dataset))


def explanation_of(store: Store, job: Job) -> tuple[Explanation, Arrays]:
    """Returns what a finished job has found.

    Raises:
        NotFoundError: that has been swept away; request it again.
        DamagedArtifactError: its file makes no sense.
    """
    return Explanation.from_dict(store.jobs.result(job)), arrays_of(store, job, EXPLANATION_FILE)


def arrays_of(store: Store, job: Job, file: str) -> Arrays:
    """Returns the arrays that a finished job has left.

    Raises:
        NotFoundError: they have been swept away.
        DamagedArtifactError: the file makes no sense.
    """
    path = store.jobs.folder(job.id) / file
    if not path.is_file():
        raise NotFoundError(N_("this result is no longer kept."), hint=N_("Request it again."), where=job.id)
    found: Mapping[str, npt.NDArray[np.generic]] = read_arrays(path)
    return found


def model_key(run: Run, owner: str) -> dict[str, Any]:
    """Returns what tells the model of a run from that after more epochs, for each owner."""
    return {"run": run.id, "attempt": run.attempt, "epoch": run.epoch, "owner": owner}
