"""Requests to correct single samples of a dataset; each checks the actor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dlcore.access.actors import EVERYBODY, Actor
from dlcore.access.permissions import Kind, Verb
from dlcore.datasets.builtin.catalogue import CATALOGUE
from dlcore.datasets.ingest.proposal import checked_name
from dlcore.datasets.ingest.writing import check_name
from dlcore.datasets.labels import Targets, answer_of, check_correction
from dlcore.datasets.lineage import corrected_rows, lineage_of
from dlcore.datasets.loader import load
from dlcore.datasets.stored import versions
from dlcore.errors import N_, DatasetError, DlcoreError
from dlcore.queue.checks import check_actor
from dlcore.queue.jobs import request_job
from dlcore.queue.library import Library
from dlcore.queue.requests import submit
from dlcore.records import Job, Run
from dlcore.records.corrections import ChangeSet, Correction, CorrectionKind, Lineage
from dlcore.records.label_check import Answer
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import DatasetSpec, ExperimentSpec
from dlcore.store import Store

_WHAT = "correction"


def dataset_of_run(run: Run) -> DatasetSpec:
    """Returns the dataset of a run; its version is the one that it was trained on."""
    return ExperimentSpec.from_dict(run.spec).dataset


def change_set_of(store: Store, run: Run, *, owner: str) -> ChangeSet:
    """Returns what somebody has said of the samples of a run's dataset."""
    spec = dataset_of_run(run)
    return store.corrections.of(spec.name, spec.version, owner=owner)


def correct(
    store: Store, run: Run, samples: Iterable[int], kind: CorrectionKind, *, actor: Actor,
    label: Answer | None = None, part: str = "",
) -> None:  # fmt: skip
    """Says what becomes of some samples of a run's dataset, in place of what was said of them before.

    Args:
        store: where it is kept.
        run: in which they were found.
        samples: their rows in the dataset as it was stored.
        kind: what becomes of them.
        actor: who says so.
        label: of those that are relabelled.
        part: the part that they have in the run.

    Raises:
        NotFoundError: there is no such run or dataset that the actor may see.
        PermissionDeniedError: the run is only shown to them.
        SpecError: there is no such class, or too much was said already.
        DatasetError: the dataset is gone, or such samples cannot be corrected.
    """
    check_actor(store, Verb.READ, Kind.RUN, run.id, run.owner, actor=actor)
    spec = dataset_of_run(run)
    facts, targets, rows = _opened(store, spec)
    made = []
    for sample in samples:
        one = Correction(sample, kind, label=label if kind is CorrectionKind.RELABEL else None, part=part)
        check_correction(facts, targets, rows, one)
        given = None if targets is None else answer_of(facts, targets[sample])
        made.append(replace(one, given=given))
    store.corrections.save(spec.name, spec.version, made, owner=actor.id)


def take_back(store: Store, run: Run, samples: Sequence[int] | None = None, *, actor: Actor) -> None:
    """Takes back what was said of some samples of a run's dataset, or of all."""
    spec = dataset_of_run(run)
    store.corrections.remove(spec.name, spec.version, samples, owner=actor.id)


def needs_name(store: Store, run: Run) -> bool:
    """Returns whether the corrected version becomes a dataset of its own: one that came along stays as it is."""
    return _owner_of(store, dataset_of_run(run)) in ("", EVERYBODY)


def request_version(store: Store, run: Run, *, actor: Actor, name: str = "") -> Job:
    """Requests a new version of a run's dataset with what was said of its samples; `version_of` opens it.

    Args:
        store: where it is kept.
        run: whose dataset it is about.
        actor: who asks.
        name: of the new dataset, where it becomes one of its own.

    Raises:
        NotFoundError: there is no such dataset that the actor may see.
        PermissionDeniedError: it is somebody else's.
        DatasetError: nothing was said, or the name cannot be used.
    """
    spec = dataset_of_run(run)
    changes = store.corrections.of(spec.name, spec.version, owner=actor.id)
    if not changes.changes:
        raise DatasetError(N_("there is nothing to change."), hint=N_("Relabel or exclude a sample first."))
    Library.of(store).check_dataset(spec.name)
    if needs_name(store, run):
        name = checked_name(name or proposed_name(run))
    else:
        owner = _owner_of(store, spec)
        check_actor(store, Verb.CHANGE, Kind.DATASET, spec.name, owner, actor=actor)
        name = spec.name
    check_name(name, store.settings, actor.id)
    arguments = {
        "dataset": spec.name,
        "version": spec.version,
        "name": name,
        "owner": actor.id,
        "corrections": [one.to_dict() for one in changes.corrections],
    }
    return request_job(store, _WHAT, arguments, owner=actor.id, key=_key(changes, actor), again=True)


def proposed_name(run: Run) -> str:
    """Returns what the corrected version of a dataset may be called that stays as it is."""
    return f"{dataset_of_run(run).name}-corrected"


def find_version_job(store: Store, run: Run, *, actor: Actor) -> Job | None:
    """Returns the job that makes a version of what was said by now, if it was requested."""
    changes = change_set_of(store, run, owner=actor.id)
    return store.jobs.find_like(_WHAT, _key(changes, actor)) if changes.changes else None


def _key(changes: ChangeSet, actor: Actor) -> dict[str, str]:
    return {
        "dataset": changes.dataset,
        "version": changes.version,
        "owner": actor.id,
        "content": changes.content,
    }


def version_of(store: Store, job: Job) -> DatasetFacts:
    """Returns the facts of the version that a finished job has made.

    Raises:
        NotFoundError: the answer has been swept away.
        DatasetError: the version has been removed since.
    """
    made = store.jobs.result(job)
    return Library.of(store).facts(made["name"], made["version"])


def train_again(store: Store, run: Run, name: str, version: str, *, actor: Actor) -> Run:
    """Queues the experiment of a run on a corrected version of its dataset, and returns the new run.

    All samples are in the part in which they were, but for those that are left out. A run that waits or is at work with
    the same experiment is that run: a second click asks for nothing else.

    Raises:
        SpecError: it no longer fits the dataset, such as where a class has lost all its samples.
        BudgetError: it is more than the actor may use.
    """
    check_actor(store, Verb.READ, Kind.RUN, run.id, run.owner, actor=actor)
    spec = ExperimentSpec.from_dict(run.spec).with_values({"dataset.name": name, "dataset.version": version})
    wanted = spec.to_dict()
    found = store.runs.list(owner=actor.id, datasets=(name,))
    same = next((one for one in found if not one.state.final and one.spec == wanted), None)
    return submit(store, spec, owner=actor.id) if same is None else same


@dataclass(frozen=True)
class CorrectedVersion:
    """A version that was made of another one.

    Attributes:
        name: of the dataset.
        version: of it.
        lineage: what it was made of.
    """

    name: str
    version: str
    lineage: Lineage


def corrected_versions(store: Store, run: Run, *, actor: Actor) -> list[CorrectedVersion]:
    """Returns the actor's versions that were made of a run's dataset, the newest first."""
    spec, library = dataset_of_run(run), Library.of(store)
    found = []
    for name in library.names():
        for version in versions(name, store.settings):
            try:
                stored = library.stored(name, version)
                made_of = lineage_of(stored) if stored.facts.owner == actor.id else None
            except DlcoreError:  # damaged, which the page of the datasets says, or removed this moment
                continue
            if made_of is not None and (made_of.dataset, made_of.version) == (spec.name, spec.version):
                found.append(CorrectedVersion(name, version, made_of))
    return sorted(found, key=lambda one: -one.lineage.at)


def runs_on(store: Store, made: CorrectedVersion, *, actor: Actor) -> list[Run]:
    """Returns the actor's runs on a corrected version, the newest first."""
    found = store.runs.list(owner=actor.id, datasets=(made.name,))
    return [run for run in found if run.spec["dataset"]["version"] == made.version]


def lineage(store: Store, name: str, version: str = "") -> Lineage | None:
    """Returns what a version of a stored dataset was made of; None of a built-in one, or one that was read from files.

    Raises:
        SpecError: there is none of that name that the actor may read.
        DatasetError: it is damaged.
    """
    return None if name in CATALOGUE else lineage_of(Library.of(store).stored(name, version))


def excluded_rows(store: Store, name: str, version: str = "") -> tuple[int, ...]:
    """Returns the rows of a dataset that are left out; see `lineage`."""
    return () if name in CATALOGUE else corrected_rows(Library.of(store).stored(name, version)).excluded


def _owner_of(store: Store, spec: DatasetSpec) -> str:
    return Library.of(store).facts(spec.name, spec.version).owner


def _opened(store: Store, spec: DatasetSpec) -> tuple[DatasetFacts, Targets | None, int]:
    """Returns the facts and the targets of a dataset, and how many rows it has; no more of it is read than needed."""
    facts = Library.of(store).facts(spec.name, spec.version)
    if spec.name not in CATALOGUE:
        stored = Library.of(store).stored(spec.name, spec.version)
        return facts, stored.targets, len(stored.parts if stored.targets is None else stored.targets)
    data = load(spec.name, store.settings, download=False)
    return facts, np.concatenate([data.y_train, data.y_test]), facts.size
