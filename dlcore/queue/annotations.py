"""Names, notes, tags, stars and the archive: what may be changed of a run or a study at any time."""

from __future__ import annotations

from contextlib import suppress

from dlcore.access.permissions import check_owner
from dlcore.datasets import dataset_facts
from dlcore.design.recognition import template_of
from dlcore.errors import N_, DlcoreError, NotFoundError
from dlcore.records import AnnotationEdit, Draft, Run, Study
from dlcore.records.annotations import usual_name
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.data import DatasetFacts
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


def experiment_name(spec: ExperimentSpec, facts: DatasetFacts) -> str:
    """Returns the name that someone gave an experiment, else what its runs will be called, without their number.

    Args:
        spec: the experiment.
        facts: of its dataset.
    """
    return spec.name or usual_name(facts.name, template_of(spec, facts), None)


def draft_name(draft: Draft, settings: Settings) -> str:
    """Returns what a draft is called, read as it is stored: an older version may have written what this
    one does not take.
    """
    if draft.spec.get("name"):
        return str(draft.spec["name"])
    try:
        spec = ExperimentSpec.from_dict(draft.spec)
        return experiment_name(spec, dataset_facts(spec.dataset, settings))
    except DlcoreError:  # its data is gone, or it is of another version: opening it says so
        return str(draft.spec.get("dataset", {}).get("name", "")) or draft.id
