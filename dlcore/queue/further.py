"""What to do after the best trial: train it longer, or search more closely around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution

from dlcore.access.actors import Actor
from dlcore.errors import N_, StateError
from dlcore.queue import resume, submit
from dlcore.queue.studies import experiment_of, space_of
from dlcore.records import Run, RunState, Study, Trial
from dlcore.search.dimensions import Choices, Label, Range, Repeat, TrialDimension
from dlcore.search.spec import SearchSpec
from dlcore.store import Store

NARROW = 0.25
"""The width of a narrower range, as a share of the one before."""
TOP = 0.2
"""The share of the trials whose choices stay in a narrower set."""


def train_longer(store: Store, study: Study, trial: Trial, *, epochs: int, actor: Actor) -> Run:
    """Resumes a trial's run for more epochs, or trains it again if its run is gone.

    Args:
        store: where both are.
        study: whose trial.
        trial: which one.
        epochs: how many it should have in the end.
        actor: who asks.

    Raises:
        StateError: it has that many already.
    """
    runs = store.runs.of_trial(study.id, trial.number)
    if runs and runs[0].state.final and runs[0].state is not RunState.FAILED and runs[0].owner == actor.id:
        return resume(store, runs[0].id, actor=actor, epochs=epochs)
    spec = experiment_of(store, study, trial).with_values({"training.epochs": epochs})
    return submit(store, spec, owner=actor.id)


def narrow_search(store: Store, study: Study, trials: Sequence[Trial]) -> SearchSpec:
    """Returns a narrower search around the best trial: ranges a quarter as wide,
    and only choices that did well.

    Raises:
        StateError: no trial is complete yet.
    """
    spec, space = SearchSpec.from_dict(study.spec), space_of(store, study)
    good = study.ranked(trials)
    if not good:
        raise StateError(N_("no trial has completed yet."), where=study.name)
    best, top = good[0], good[: max(1, math.ceil(len(good) * TOP))]
    dimensions = {one.name: _narrower(one, best, top) for one in space.asked}
    options = spec.search.updated(try_defaults=False, first=(best.params,))
    return spec.updated(
        space={path: dimension for path, dimension in dimensions.items() if dimension is not None},
        search=options,
        experiment=spec.experiment.updated(name=f"{study.name} +"),
    )


def _narrower(one: TrialDimension, best: Trial, top: Sequence[Trial]) -> Any:
    """Returns a dimension around the best trial's value."""
    value = best.params.get(one.name)
    match one.dimension:
        case Choices():
            kept: set[Label] = {trial.params[one.name] for trial in top if one.name in trial.params}
            labelled = zip(one.dimension.choices, one.dimension.labels, strict=True)
            choices = [choice for choice, label in labelled if label in kept]
            return Choices(choices=tuple(choices)) if choices else one.dimension
        case Range() if isinstance(value, (int, float)):
            return _closer(one, float(value))
        case Repeat() if isinstance(value, int):
            low, high = one.dimension.low, one.dimension.high
            return Repeat(low=max(low, value - 1), high=max(1, min(high, value + 1)))
        case _:
            return one.dimension


def _closer(one: TrialDimension, value: float) -> Range:
    dimension, distribution = one.dimension, one.distribution
    assert isinstance(dimension, Range)
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    low, high = float(distribution.low), float(distribution.high)
    if dimension.log:
        half = (math.log(high) - math.log(low)) * NARROW / 2
        narrow = (max(low, value * math.exp(-half)), min(high, value * math.exp(half)))
    else:
        half = (high - low) * NARROW / 2
        narrow = (max(low, value - half), min(high, value + half))
    step = (
        distribution.step if dimension.step is not None or isinstance(distribution, IntDistribution) else None
    )
    if dimension.log or step is None:
        return dimension.updated(low=float(f"{narrow[0]:.6g}"), high=float(f"{narrow[1]:.6g}"))
    # On the grid of the old range, and with a neighbour on each side.
    down = max(low, value - max(step, math.floor(half / step) * step))
    up = min(high, value + max(step, math.floor(half / step) * step))
    return dimension.updated(low=down, high=up)


def finished_share(study: Study) -> float | None:
    """Returns the share of its trials that are finished, from 0 to 1; None without a limit of trials."""
    if not study.max_trials:
        return None
    return min(1.0, study.finished / study.max_trials)
