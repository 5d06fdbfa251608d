"""The gallery of public runs, and the one that the first page of a demo replays."""

from __future__ import annotations

import streamlit as st

from dlcore.records import Axis, Run
from dlcore.store.trends import Trend
from dlcore.ui.components.live_chart import Replay, live_chart
from dlcore.ui.runs.actions import copy_button
from dlcore.ui.runs.curves import judge_of, outputs_of
from dlcore.ui.runs.judging import best_value
from dlcore.ui.runs.trends import trends_of
from dlcore.ui.runs.view import facts_of, main_metric
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import NEW_PAGE, RUN_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.sharing import may_share
from dlcore.web.context import context

PAGE_SIZE = 24
PAGE = "gallery_page"


def gallery() -> None:
    """Shows a card for each public run, the one that was shown last first."""
    shares = context().store.shares
    pages = max(1, -(-shares.count_public_runs() // PAGE_SIZE))
    page = min(pages, int(st.session_state.get(PAGE) or 1))
    found = shares.public_runs(limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    if not found:
        st.info(
            _("Nobody has shown anything here yet. What you share with everybody appears here."),
            icon=":material/collections:",
        )
        st.page_link(NEW_PAGE, label=_("New experiment"), icon=":material/add_circle:")
        return
    with st.grid(3, min_column_width=300, gap="small"):
        for run, trend in zip(found, trends_of(found), strict=True):
            with st.container(border=True, height="stretch", gap="small"):
                _card(run, trend)
    if pages > 1:
        st.pagination(pages, key=PAGE)


def _card(run: Run, trend: Trend | None) -> None:
    st.page_link(RUN_PAGE, label=f"**{escape_name(run.name)}**", query_params={"run": run.id})
    st.caption(escape_markdown(" · ".join(facts_of(run))))
    best = best_value(run)
    if best is not None:
        name, value = best
        st.metric(
            show.labels().get(name, name),
            show.metric(name, value),
            chart_data=list(trend) if trend else None,
            chart_type="line",
        )
    st.space("stretch")  # so that the buttons of a row are side by side
    copy_button(run, key=f"copy.{run.id}", kind="secondary")


def first_replay() -> None:
    """Shows the public run that was shown last as if it were at work; nothing at home, nor without any."""
    if not may_share():
        return
    found = context().store.shares.public_runs(limit=1, ended=True)
    if not found:
        return
    (run,) = found
    with st.container(border=True):
        label = _("Replay: **{name}** on {dataset}")
        st.page_link(
            RUN_PAGE,
            label=label.format(name=escape_name(run.name), dataset=escape_name(run.dataset)),
            icon=":material/play_circle:",
            query_params={"run": run.id},
        )
        live_chart(
            run.id,
            axis=Axis.BATCH,
            main=(main_metric(run),),
            judge=judge_of(run),
            epochs=run.epochs,
            outputs=outputs_of(run),
            replay=Replay(run.seconds, auto=True),
            brief=True,
            key="first_replay",
            empty="",
        )
