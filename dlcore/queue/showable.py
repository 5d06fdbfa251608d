"""What others are shown of a thing, held against the filter of the place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.access.content import check_names, content_filter, texts_within
from dlcore.access.permissions import Kind
from dlcore.errors import DlcoreError
from dlcore.queue.library import Library
from dlcore.records import Draft, Run, Study
from dlcore.records.shares import Thing
from dlcore.store import Store


def check_showable(store: Store, thing: Thing) -> None:
    """Checks that others may be shown all that they would be shown of a thing.

    Raises:
        ContentError: they may not; which text, and what is amiss with it.
    """
    if content_filter(store.settings) is not None:
        check_names(store.settings, _texts(store, thing))


def check_new_name(store: Store, item: Run | Study | Draft, name: str | None) -> None:
    """Checks that what is shown to others may be called that.

    Raises:
        ContentError: it may not.
    """
    if not name or isinstance(item, Draft) or content_filter(store.settings) is None:
        return
    kind = Kind.RUN if isinstance(item, Run) else Kind.STUDY
    if store.shares.of(kind, [item.id], {item.id: item.owner}):
        check_names(store.settings, {"name": name})


def _texts(store: Store, thing: Thing) -> Mapping[str, str]:
    """Returns every text that somebody has chosen and others are shown with a thing, each by its place."""
    match thing.kind:
        case Kind.RUN:
            item: Run | Study = store.runs.get(thing.name)
        case Kind.STUDY:
            item = store.studies.get(thing.name)
        case _:
            return Library.of(store).stored(thing.name).facts.texts
    return {"name": item.name, **texts_within(item.spec, "spec"), **_data(store, item.dataset)}


def _data(store: Store, name: str) -> Mapping[str, Any]:
    """Returns the texts of a dataset, of which the page of a run shows some."""
    try:
        return texts_within(Library.of(store).facts(name).texts, "data")
    except DlcoreError:  # it is gone, so nobody is shown anything of it
        return {}
