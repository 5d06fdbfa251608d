"""Names, notes, tags, stars and the archive: what may be changed of a run or a study at any time."""

from __future__ import annotations

from contextlib import suppress

from dlcore.access.permissions import check_owner
from dlcore.datasets import dataset_facts
from dlcore.design.recognition import template_of
from dlcore.errors import N_, DlcoreError, NotFoundError
from dlcore.records import AnnotationEdit, Run, Study
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store


def annotate(store: Store, item_id: str, edit: AnnotationEdit, *, actor: str) -> Run | Study:
    """Changes the name or the annotations of a run or a study; returns it as it is then.

    Args:
        store: where it is.
        item_id: the id of the run or the study.
        edit: what changes.
        actor: who asks.

    Raises:
        NotFoundError: there is neither.
        PermissionDeniedError: it is someone else's.
        SpecError: it would have too many tags.
    """
    item = find_item(store, item_id)
    check_owner(item.owner, actor, where=item_id)
    store.annotations.edit(item, edit)
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


def template_name(spec: ExperimentSpec, settings: Settings) -> str:
    """Returns the name of an experiment's template; empty where its data is gone, so that none can be told."""
    try:
        return template_of(spec, dataset_facts(spec.dataset, settings))
    except DlcoreError:
        return ""
