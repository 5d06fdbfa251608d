"""What the cleaning of a draft would do, before it does."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.datasets import is_available
from dlcore.datasets.clean.cleaning import Change, preview_cleaning
from dlcore.errors import DlcoreError
from dlcore.spec.experiment import DatasetSpec
from dlcore.spec.paths import DATASET
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.samples import samples_of
from dlcore.web.context import context


@st.cache_data(max_entries=32, show_spinner=False)
def _changes(name: str, version: str, dataset: str, seed: int) -> tuple[Change, ...]:
    spec = DatasetSpec.model_validate_json(dataset)
    return preview_cleaning(samples_of(name, version), spec, seed=seed)


def cleaning_preview(draft: WorkingDraft) -> None:
    """Shows a table with what each cleaning step would remove or change."""
    dataset = draft.spec.dataset
    if not dataset.cleaning or not is_available(draft.facts.name, context().settings):
        return
    problem = draft.report.problem
    if problem is not None and problem.path.within(DATASET):
        return  # it is beside its field
    try:
        with st.spinner(_("Checking what would change…")):
            found = _changes(
                draft.facts.name, draft.facts.version, dataset.model_dump_json(), draft.spec.seed
            )
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    table = pd.DataFrame(
        {
            "step": [change.kind for change in found],
            "removed": [change.removed for change in found],
            "changed": [change.changed for change in found],
            "examples": [" · ".join(change.examples) for change in found],
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        key="cleaning_preview",
        column_config={
            "step": st.column_config.TextColumn(_("Step"), pinned=True),
            "removed": number(_("Removes"), width="small"),
            "changed": number(_("Changes"), width="small"),
            "examples": _("For example"),
        },
    )
