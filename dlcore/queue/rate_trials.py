"""Requests for small networks that learn the digits, each with another learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlcore.analysis.learning.descent import METHODS
from dlcore.errors import N_, SpecError, unknown_name
from dlcore.queue.jobs import request_job
from dlcore.records import Job
from dlcore.store import Store

MOST_RATES = 5


@dataclass(frozen=True)
class RateTrial:
    """How a network learned with a rate.

    Attributes:
        rate: η.
        losses, checks, accuracies: after each epoch: the loss of the training part, that of the test part, and the share
            of it that is right.
        diverged: whether the loss was no number any more.
    """

    rate: float
    losses: tuple[float, ...]
    checks: tuple[float, ...]
    accuracies: tuple[float, ...]
    diverged: bool


def request_rate_trials(
    store: Store, method: str, rates: Sequence[float], *, momentum: float, owner: str, again: bool = False
) -> Job:
    """Requests a network for each rate; `rate_trials_of` has the answer.

    Args:
        store: where the job is kept.
        method: the name of the optimizer.
        rates: at most `MOST_RATES`, above 0.
        momentum: where the method has one.
        owner: whose job it will be.
        again: whether one that has ended is done once more.

    Raises:
        SpecError: there is no such optimizer, or the rates are none.
    """
    if method not in METHODS:
        raise unknown_name(N_("optimizer"), method, METHODS)
    if not 0 < len(rates) <= MOST_RATES or not all(0 < rate <= 100 for rate in rates):
        raise SpecError(
            N_("expected rates above 0 and at most 100, at most {most}."),
            hint=N_("Choose other rates."),
            where="rates",
            most=MOST_RATES,
        )
    about = {"method": method, "rates": list(rates), "momentum": momentum}
    return request_job(store, "rate_trials", about, owner=owner, key={**about, "owner": owner}, again=again)


def rate_trials_of(store: Store, job: Job) -> tuple[RateTrial, ...]:
    """Returns what a finished job has found.

    Raises:
        NotFoundError: that has been swept away; ask again.
    """
    return tuple(
        RateTrial(
            one["rate"], tuple(one["losses"]), tuple(one["checks"]), tuple(one["accuracies"]), one["diverged"]
        )
        for one in store.jobs.result(job)["trials"]
    )
