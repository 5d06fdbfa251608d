"""The whole queue as an admin sees it, and where they put runs in it; each checks the actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, check_admin
from dlcore.design.speeds import Span
from dlcore.errors import N_, StateError
from dlcore.queue.forecasts import Forecasts
from dlcore.queue.jobs import cancel_job
from dlcore.queue.requests import request_stop
from dlcore.queue.studies import stop as stop_study
from dlcore.records import Job, Run, Study, StudyState
from dlcore.store import Store
from dlcore.store.queue import Spot

MOST_LISTED = 500
"""Runs that wait which are listed at once."""


@dataclass(frozen=True)
class Waiting:
    """A run that waits.

    Attributes:
        place: in the queue, from 1.
        wait: how long until it begins; None where that is not known.
        priority: above 0 if it was put before the others, below 0 if behind them.
    """

    run: Run
    place: int
    wait: Span | None
    priority: int


@dataclass(frozen=True)
class WholeQueue:
    """Everybody's runs.

    Attributes:
        at_work: those that have a slot, the one that began first first.
        waiting: those that wait, the next one first; `MOST_LISTED` at most.
        length: how many wait in all.
        searches: those that go on, the newest first.
        jobs: those that are not over, the newest first.
    """

    at_work: Sequence[Run]
    waiting: Sequence[Waiting]
    length: int
    searches: Sequence[Study]
    jobs: Sequence[Job]


def whole_queue(store: Store, forecasts: Forecasts, *, actor: Actor) -> WholeQueue:
    """Returns all that is at work or waits, whoever's it is.

    Args:
        store: where they are.
        forecasts: tell when those begin that wait.
        actor: who asks.

    Raises:
        PermissionDeniedError: the actor is no admin.
    """
    check_admin(actor, "queue.look")
    at_work = sorted(store.runs.active(), key=lambda run: (run.started_at or run.queued_at, run.id))
    waiting, put = store.queue.waiting(), store.queue.priorities()
    listed = waiting[:MOST_LISTED]
    waits = forecasts.waits(at_work, listed)
    rows = [
        Waiting(run, place, wait, put.get(run.id, 0))
        for place, (run, wait) in enumerate(zip(listed, waits, strict=True), 1)
    ]
    searches = store.studies.list(states=(StudyState.RUNNING, StudyState.PAUSED), limit=MOST_LISTED)
    return WholeQueue(at_work, rows, len(waiting), searches, store.jobs.unfinished()[:MOST_LISTED])


def put(store: Store, run_ids: Sequence[str], spot: Spot, *, actor: Actor) -> None:
    """Puts runs that wait before or behind all others, or back where they belong.

    Raises:
        PermissionDeniedError: the actor is no admin.
        StateError: none of them waits any more.
    """
    for run_id in run_ids:
        check_admin(actor, f"queue.{spot}", run_id)
    if run_ids and not store.queue.put(run_ids, spot):
        raise StateError(N_("the run does not wait any more."), hint=N_("Reload the page."), where=run_ids[0])


def stop(store: Store, kind: Kind, item_id: str, *, actor: Actor) -> None:
    """Stops a run or a search, which save where they are, or ends a job.

    Raises:
        NotFoundError, PermissionDeniedError: it is none that the actor may stop.
        StateError: it has ended already.
    """
    match kind:
        case Kind.RUN:
            request_stop(store, item_id, actor=actor)
        case Kind.STUDY:
            stop_study(store, item_id, actor=actor)
        case _:
            cancel_job(store, item_id, actor=actor)
