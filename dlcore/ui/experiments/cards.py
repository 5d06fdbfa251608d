"""The experiments that are at work, as live cards."""

from __future__ import annotations

import streamlit as st

from dlcore.records import StudyState
from dlcore.ui.components.live_view import LiveTopic, Look, live_view
from dlcore.ui.runs.view import RUN
from dlcore.ui.shared.links import RUN_PAGE, STUDY_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.studies.view import STUDY
from dlcore.web.context import context

CARDS = 6
"""Experiments that have a card while they have not ended: as many as are at work on most machines."""


def experiments_at_work() -> None:
    """Shows your searches and runs that have not ended, at most a few of them."""
    here = context()
    searches = here.store.studies.list(owner=here.actor.id, states=(StudyState.RUNNING,), limit=CARDS)
    runs = here.store.runs.unfinished(owner=here.actor.id)[: CARDS - len(searches)]
    if not searches and not runs:
        return
    with st.container(key="at_work"), st.grid(3, min_column_width=300, gap="small"):
        for study in searches:
            _card(STUDY_PAGE, "study", study.id, study.name, STUDY)
        for run_id, _state in runs:
            _card(RUN_PAGE, "run", run_id, here.store.runs.get(run_id).name, RUN)


def _card(page: str, parameter: str, item_id: str, name: str, topic: LiveTopic) -> None:
    icon = ":material/monitoring:" if parameter == "run" else ":material/query_stats:"
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.page_link(page, label=escape_name(name), icon=icon, query_params={parameter: item_id})
        live_view(topic, item_id, key=f"{parameter}_state_{item_id}", look=Look.BRIEF)
