"""The list of models: what runs have left, to try and to take away."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dlcore.records import Run
from dlcore.store.filters import Condition, RunQuestion, parse_filter
from dlcore.store.filters.tree import All
from dlcore.ui.runs.filter_line import LINE
from dlcore.ui.runs.judging import best_value
from dlcore.ui.runs.keeping import keep_button, kept_as
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import RUN_PAGE, TRAIN_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.trained import can_be_tried
from dlcore.web.context import context

PAGE_SIZE = 24


def model_list(asked: RunQuestion) -> None:
    """Shows the models of the runs that are asked for as cards, the newest first."""
    here = context()
    filters = {**asked.filters, "where": All((_trained(), asked.where))}
    total = here.store.runs.count(owner=here.actor.id, **filters)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(pages, int(st.session_state.get("models_page") or 1))
    runs = here.store.runs.list(
        owner=here.actor.id, **filters, **asked.order, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    left = [run for run in runs if can_be_tried(run)]
    if not left:
        _nothing()
    with st.grid(3, min_column_width=280, gap="small"):
        for run in left:
            with st.container(border=True, height="stretch", gap="small"):
                _card(run)
    if pages > 1:
        st.pagination(pages, key="models_page")


def _trained() -> Condition:
    """Returns the filter for runs that have finished an epoch: others have left no model."""
    return parse_filter("epoch > 0", now=datetime.now(UTC))


def _nothing() -> None:
    if st.session_state.get(LINE):
        st.info(_("No models match this filter. Clear it to see more."), icon=":material/filter_alt_off:")
        return
    st.info(_("No models yet. A run leaves one once an epoch has finished."), icon=":material/info:")
    st.page_link(TRAIN_PAGE, label=_("Train"), icon=":material/model_training:")


def _card(run: Run) -> None:
    best = best_value(run)
    st.markdown(f"**{escape_name(run.name)}**")
    if best is not None:
        name, value = best
        st.markdown(f"{show.labels().get(name, name)} **{show.metric(name, value)}**")
    st.caption(f"{escape_name(run.dataset)} · {show.time_ago(run.created_at)}")
    kept_as(context().store.registry.of_run(run.id))
    st.space("stretch")
    views = (("try", _("Try it"), "touch_app"), ("take_away", _("Take away"), "download"))
    with st.container(horizontal=True, vertical_alignment="center"):
        for view, label, icon in views:
            st.page_link(
                RUN_PAGE,
                label=label,
                icon=f":material/{icon}:",
                query_params={"run": run.id, "view": view},
            )
        if run.state.final:
            keep_button(run)
