"""Names, notes, tags, stars and the archive: what may be changed of an experiment at any time."""

from __future__ import annotations

from contextlib import suppress

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb
from dlcore.design.recognition import template_of
from dlcore.errors import N_, DlcoreError, NotFoundError
from dlcore.queue.checks import check_actor
from dlcore.queue.library import Library
from dlcore.queue.showable import check_new_name
from dlcore.records import AnnotationEdit, Draft, Run, Study
from dlcore.spec import ExperimentSpec
from dlcore.store import Store


def annotate(store: Store, item_id: str, edit: AnnotationEdit, *, actor: Actor) -> Run | Study | Draft:
    """Changes the name or the annotations of a run, a study or a draft; returns it as it is then.

    Args:
        store: where it is.
        item_id: the id of it.
        edit: what changes.
        actor: who asks.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: it is someone else's.
        SpecError: it would have too many tags.
        ContentError: others are shown it, and may not be shown that name here.
    """
    item = _find_any(store, item_id, actor)
    check_actor(store, Verb.CHANGE, _kind(item), item_id, item.owner, actor=actor)
    check_new_name(store, item, edit.name)
    store.annotations.edit(item, edit)
    return _find_any(store, item_id, actor)


def _kind(item: Run | Study | Draft) -> Kind:
    return Kind.RUN if isinstance(item, Run) else Kind.STUDY if isinstance(item, Study) else Kind.DRAFT


def _find_any(store: Store, item_id: str, actor: Actor) -> Run | Study | Draft:
    with suppress(NotFoundError):
        return store.drafts.get(item_id, actor=actor)
    return find_item(store, item_id)


def find_item(store: Store, item_id: str) -> Run | Study:
    """Returns the run or the study of an id.

    Raises:
        NotFoundError: there is neither.
    """
    with suppress(NotFoundError):
        return store.runs.get(item_id)
    with suppress(NotFoundError):
        return store.studies.get(item_id)
    raise NotFoundError(
        N_("there is no run or study '{id}'."),
        hint=N_("List them with `dlcore runs` and `dlcore studies`."),
        id=item_id,
    )


def template_name(spec: ExperimentSpec, store: Store) -> str:
    """Returns the name of an experiment's template; empty where its data is gone, so that none can be told."""
    try:
        return template_of(spec, Library.of(store).facts_in(spec.dataset))
    except DlcoreError:
        return ""
