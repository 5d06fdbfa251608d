"""A run once more with other seeds: what differs then is chance."""

from __future__ import annotations

from dlcore.access.actors import Actor
from dlcore.comparison.settings import setting_of
from dlcore.errors import N_, SpecError
from dlcore.queue.budgets import Account
from dlcore.queue.requests import submit
from dlcore.records import Run
from dlcore.spec import ExperimentSpec
from dlcore.store import Store

MOST_SEEDS = 20


def repeat_run(store: Store, run: Run, *, seeds: int, actor: Actor) -> list[Run]:
    """Queues a run again with seeds that the actor has not tried with these settings; returns the new runs.

    All of them are tested on the same samples: the test part does not depend on the seed.

    Args:
        store: where they are.
        run: whose settings.
        seeds: how many new ones, from 1 to 20.
        actor: who asks, and whose they are.

    Raises:
        SpecError: the number cannot be used, or the spec is of another version or no longer runs.
        BudgetError: that is more than the actor may use; none is queued.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        raise SpecError(
            N_("expected a number from 1 to {most}, got {got}."), where="seeds", most=MOST_SEEDS, got=seeds
        )
    spec = ExperimentSpec.from_dict(run.spec)
    tried = {run.spec.get("seed")}
    for other in store.runs.list(owner=actor.id, datasets=[run.dataset], limit=10_000):
        if setting_of(other.spec) == setting_of(run.spec):
            tried.add(other.spec.get("seed"))
    free = (seed for seed in range(spec.seed + 1, spec.seed + len(tried) + seeds + 1) if seed not in tried)
    name = "" if run.has_usual_name else run.name
    Account.of(store).check_places(seeds)
    return [
        submit(store, spec.updated(seed=next(free), name=name), owner=actor.id) for _number in range(seeds)
    ]
