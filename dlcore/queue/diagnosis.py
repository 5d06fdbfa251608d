"""What is wrong with a run, and remedies that are tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlcore.access.actors import Actor
from dlcore.diagnosis import Finding, Observation, apply, diagnose, remedy
from dlcore.errors import N_, DatasetError, NotFoundError, PermissionDeniedError, SpecError
from dlcore.queue.budgets import Account
from dlcore.queue.library import Library
from dlcore.queue.requests import submit
from dlcore.records import Run
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.store.observing import observe_run

MOST_TRIED = 8
"""Remedies that are tried at once: more would no longer be a few."""


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What is known of a run, and what is wrong with it."""

    observation: Observation
    findings: tuple[Finding, ...]


def diagnose_run(library: Library, run: Run) -> Diagnosis:
    """Returns what is wrong with a run by all that is known of it now.

    Args:
        library: of who asks; without what they may not read of the dataset, less is known.
        run: which one.

    Raises:
        SpecError: another version wrote a spec that this one refuses.
        DamagedArtifactError: its evaluation makes no sense.
    """
    seen = observe_run(library.store, run, _facts(library, run))
    return Diagnosis(seen, diagnose(seen, library.vectors_for(seen.spec)))


def _facts(library: Library, run: Run) -> DatasetFacts | None:
    spec = ExperimentSpec.from_dict(run.spec)
    try:
        return library.facts_in(spec.dataset)
    except (
        SpecError,
        DatasetError,
        NotFoundError,
        PermissionDeniedError,
    ):  # gone, damaged, or somebody else's
        return None


def with_remedy(library: Library, run: Run, name: str) -> ExperimentSpec:
    """Returns the experiment of a run with a remedy.

    Raises:
        SpecError: there is no such remedy, or it changes nothing here.
    """
    spec = ExperimentSpec.from_dict(run.spec)
    changed = apply(name, spec, _facts(library, run), library.vectors_for(spec))
    if changed is None:
        raise SpecError(
            N_("'{remedy}' changes nothing in this experiment, or does not fit its data."),
            hint=N_("Choose another remedy."),
            where="remedy",
            remedy=remedy(name).name,
        )
    return changed


def try_remedies(library: Library, run: Run, names: Sequence[str], *, actor: Actor) -> list[Run]:
    """Queues a run for each remedy, which differs in nothing else; returns them.

    They are single runs, not the trials of a study: a remedy may change several fields and layers at once, which no
    dimension of a search space can say, and a sampler learns nothing from a handful of changes that are each tried
    once. As runs they can be compared with the first one, on the same test samples and with intervals.

    Args:
        library: of who asks.
        run: the one that is to be better.
        names: of the remedies, from 1 to 8.
        actor: who asks, and whose they are.

    Raises:
        SpecError: a remedy changes nothing, or there are too many.
        BudgetError: that is more than the actor may use; none is queued.
    """
    if not 1 <= len(names) <= MOST_TRIED:
        raise SpecError(
            N_("expected a number from 1 to {most}, got {got}."),
            where="remedies",
            most=MOST_TRIED,
            got=len(names),
        )
    specs = [with_remedy(library, run, name).updated(name=_name(run, name)) for name in names]
    Account.of(library.store).check_places(len(specs))
    return [submit(library.store, spec, owner=actor.id) for spec in specs]


def _name(run: Run, remedy_name: str) -> str:
    return f"{run.name} + {remedy_name.replace('_', ' ')}"[:200]
