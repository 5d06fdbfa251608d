"""What a draft became, and what has been changed in it since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.comparison import LayerRow, SettingRow
from dlcore.comparison.settings import differing_layers, differing_settings
from dlcore.errors import NotFoundError, SpecError
from dlcore.plots.studies import short_names
from dlcore.queue.annotations import find_item
from dlcore.records import Run, Study
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.format import setting_text
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context


@dataclass(frozen=True)
class Current:
    """The settings of a draft, as a run or a study of it would have them."""

    spec: Mapping[str, Any]
    dataset: str


@dataclass(frozen=True)
class Changes:
    """The run or the study that was started from a draft last, and where the draft differs from it now."""

    item: Run | Study
    settings: tuple[SettingRow, ...]
    layers: tuple[LayerRow, ...]

    @property
    def count(self) -> int:
        """In how many settings and layers they differ."""
        return len(self.settings) + len(self.layers)


def changes_since_start(draft: WorkingDraft) -> Changes | None:
    """Returns how a draft differs from what it became; None if it was never started, or that is gone."""
    if not draft.row.became_id:
        return None
    try:
        item = find_item(context().store, draft.row.became_id)
    except NotFoundError:
        return None
    both = (item, Current(_settings(draft), draft.facts.name))
    return Changes(item, differing_settings(both)[0], differing_layers(both)[0])


def _settings(draft: WorkingDraft) -> dict[str, Any]:
    spec, version = draft.spec, draft.facts.version
    if version and not spec.dataset.version:
        spec = spec.with_values({"dataset.version": version})  # as one that is started gets it
    if not draft.search.active:
        return spec.to_dict()
    try:
        search = draft.search.whole(spec)
    except SpecError:  # a dimension that cannot be read: the search has no settings to compare yet
        return spec.to_dict()
    return search.updated(experiment=search.prepared()).to_dict()


def changes_note(changes: Changes) -> None:
    """Shows in how many settings a draft differs from what it became, and on request in which."""
    if not changes.count:
        return
    text = _n("{n} setting differs from {name}", "{n} settings differ from {name}", changes.count)
    label = text.format(n=changes.count, name=escape_name(changes.item.name))
    with st.popover(label, icon=":material/difference:", type="tertiary", key="draft_changes"):
        changes_table(changes, (_("Started"), _("Now")))


def changes_table(changes: Changes, titles: tuple[str, str]) -> None:
    """Shows the settings and layers that differ, in two columns of these titles."""
    short = short_names(row.path for row in changes.settings)
    rows = [(short[row.path], *map(setting_text, row.values)) for row in changes.settings]
    rows += [(row.name, *row.texts) for row in changes.layers]
    cells = [[escape_name(text, 60) for text in row[1:]] for row in rows]
    index = [escape_name(row[0], 60) for row in rows]
    st.table(pd.DataFrame(cells, columns=[*titles], index=index), border="horizontal")
