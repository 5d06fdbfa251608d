"""Drafts: begun, started, compared with what they became, and removed once no one needs them."""

from __future__ import annotations

import time
from typing import Any

from dlcore.access.actors import Actor
from dlcore.queue.annotations import template_name
from dlcore.queue.budgets import Account
from dlcore.queue.ready import example
from dlcore.queue.requests import submit
from dlcore.queue.studies import start
from dlcore.records import Draft, Run, Study
from dlcore.search.spec import SearchSpec
from dlcore.spec import ExperimentSpec
from dlcore.store import Store

KEPT_SECONDS = 7 * 24 * 3600.0
"""How long a draft is kept in which no one has changed anything."""


def sweep_drafts(store: Store, *, at: float | None = None) -> int:
    """Removes the drafts that a visit began with the example and left as they were, a week later.

    Args:
        store: where they are.
        at: the moment it is, in seconds since 1970; by default now.

    Returns:
        How many were removed.
    """
    limit = (time.time() if at is None else at) - KEPT_SECONDS
    return store.drafts.sweep(example().to_dict(), before=limit)


def create_draft(
    store: Store, spec: ExperimentSpec, *, owner: str, search: dict[str, Any] | None = None
) -> Draft:
    """Returns a new draft, with or without a search around it.

    Raises:
        BudgetError: the owner has as many as they may have.
    """
    Account.of(store).check_draft()
    template = template_name(spec, store)
    return store.drafts.create(spec.to_dict(), owner=owner, search=search, template=template)


def submit_draft(store: Store, draft_id: str, spec: ExperimentSpec, *, actor: Actor) -> Run:
    """Puts a run of a draft at the end of the queue; it has the draft's name, notes and tags.

    Raises:
        NotFoundError: the actor has no such draft.
        SpecError: as `submit` does.
    """
    run = submit(store, spec, owner=actor.id, number=store.drafts.get(draft_id, actor=actor).number)
    store.drafts.note_start(draft_id, run.id)
    return store.runs.get(run.id)


def start_draft_search(store: Store, draft_id: str, spec: SearchSpec, *, actor: Actor) -> Study:
    """Starts the search of a draft; it has the draft's name, notes and tags.

    Raises:
        NotFoundError: the actor has no such draft.
        SpecError: as `start` does.
    """
    study = start(store, spec, owner=actor.id, number=store.drafts.get(draft_id, actor=actor).number)
    store.drafts.note_start(draft_id, study.id)
    return store.studies.get(study.id)
