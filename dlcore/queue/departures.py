"""The removal of all that somebody has: at their wish, or because they have not been here for long."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from dlcore.access.actors import Actor, Role
from dlcore.datasets.stored import stored_names
from dlcore.datasets.uploads import all_uploads, discard
from dlcore.datasets.vectors.stored import all_vectors
from dlcore.errors import N_, DatasetError, NotFoundError, PermissionDeniedError, StateError
from dlcore.models import stored_models
from dlcore.models.stored import remove as remove_model
from dlcore.queue import studies
from dlcore.queue.datasets import owner_of_dataset, remove_dataset
from dlcore.queue.requests import delete, request_stop
from dlcore.queue.vectors import remove_stored_vectors
from dlcore.records import StudyAction, StudyState
from dlcore.store import Store

SLOWLY = (StateError, NotFoundError, DatasetError)
"""Why something cannot go yet: it is at work, or somebody else is just removing it."""


def leave(store: Store) -> None:
    """Ends the visit of whom a store is open to: their cookies count no more, nothing of theirs is shared any more, and
    all that they have is being removed.

    Raises:
        PermissionDeniedError: it is the owner of the machine, or an admin, whose things others rely on.
    """
    actor, whole = store.reader, store.whole
    if actor.role is Role.ADMIN:
        raise PermissionDeniedError(N_("whoever runs the machine cannot leave it."))
    if actor.role is Role.VISITOR:
        whole.visitors.end(actor.id)
    else:
        whole.members.sign_out_everywhere(actor.id)
    whole.shares.end_all(owner=actor.id)
    whole.departures.begin(actor.id)
    actor.tell("leave", actor.id, allowed=True)


def remove_belongings(store: Store, owner: str) -> bool:
    """Removes what can be removed of all that somebody has, and asks the rest to end.

    Args:
        store: the whole of it.
        owner: whose.

    Returns:
        Whether nothing is left; if not, call it again in a while.
    """
    actor = Actor(owner)
    store.shares.end_all(owner=owner)
    for draft in store.drafts.list(owner=owner, limit=1_000_000):
        store.drafts.delete(draft.id, actor=actor)
    for view in store.views.list(owner=owner):
        store.views.delete(view.name, owner=owner)
    store.corrections.forget(owner=owner)
    store.lessons.forget(owner=owner)
    for model in store.registry.list(owner=owner):
        for version in model.versions:
            store.registry.remove(version)
    left = [_remove_studies(store, actor), _remove_runs(store, actor), _remove_jobs(store, owner)]
    # Runs need what follows.
    return not any(left) and not any([_remove_files(store, actor)])


def _remove_studies(store: Store, actor: Actor) -> int:
    """Returns how many are left: those at work are stopped first, and the driver removes them."""
    found = store.studies.list(owner=actor.id, limit=1_000_000)
    for study in found:
        asked = {request.action for request in store.studies.requests(study.id)}
        if study.state is StudyState.RUNNING and StudyAction.STOP not in asked:
            _try([partial(studies.stop, store, study.id, actor=actor)])
        elif study.state is not StudyState.RUNNING and StudyAction.DELETE not in asked:
            _try([partial(studies.delete, store, study.id, actor=actor)])
    return len(found)


def _remove_runs(store: Store, actor: Actor) -> int:
    """Returns how many are left: those that are not over end first, and trials go with their search."""
    found = store.runs.list(owner=actor.id, limit=1_000_000)
    for run in found:
        if run.state.final:
            _try([partial(delete, store, run.id, actor=actor)])
        elif not run.stop_requested:
            _try([partial(request_stop, store, run.id, actor=actor)])
    return sum(not run.state.final for run in found)


def _remove_jobs(store: Store, owner: str) -> int:
    """Returns how many are left: those at work end first."""
    left = 0
    for job_id, _owner in store.jobs.owners(owner):
        store.jobs.request_cancel(job_id)
        left += not store.jobs.remove(job_id)
    return left


def _remove_files(store: Store, actor: Actor) -> int:
    """Returns how many datasets, word vectors, models and uploads could not be removed."""
    settings, owner = store.settings, actor.id
    names = [name for name in stored_names(settings) if owner_of_dataset(name, settings) == owner]
    vectors = [one for one in all_vectors(settings.vectors_dir) if one.about.owner == owner]
    models = [one for one in stored_models(settings) if one.owner == owner]
    for upload in all_uploads(settings):
        if upload.owner == owner:
            discard(upload)
    return _try(
        [
            *(partial(remove_dataset, store, name, actor=actor) for name in names),
            *(partial(remove_stored_vectors, store, one.name, actor=actor) for one in vectors),
            *(partial(remove_model, one.id, settings, actor=actor) for one in models),
        ]
    )


def _try(removals: Iterable[Callable[[], object]]) -> int:
    """Returns how many could not be carried out now."""
    left = 0
    for remove in removals:
        try:
            remove()
        except SLOWLY:
            left += 1
    return left
