"""Runs as cards: those at work, and on the first page the latest ones."""

from __future__ import annotations

import streamlit as st

from dlcore.records import Run
from dlcore.ui.components.live_view import Look, live_view
from dlcore.ui.runs.view import RUN, RUNS, main_metric
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import RUN_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

CARDS = 6
"""Runs that have a card while they have not ended: as many as are at work on most machines."""


def best_value(run: Run) -> tuple[str, float] | None:
    """Returns the metric a run is judged by, on the test part, else the validation,
    else the training part.
    """
    for name in (main_metric(run), "loss"):
        for scope in ("test", "validation", "train"):
            value = run.summary.get(scope, {}).get(name)
            if value is not None:
                return name, value
    return None


def runs_at_work() -> None:
    """Shows your unfinished runs as live cards, at most a few of them."""
    here = context()
    live_view(RUNS, "", key="runs_state")
    unfinished = here.store.runs.unfinished(owner=here.actor)[:CARDS]
    if not unfinished:
        return
    with st.grid(3, min_column_width=300, gap="small"):
        for run_id, _state in unfinished:
            with st.container(border=True, height="stretch", gap="xsmall"):
                run = here.store.runs.get(run_id)
                st.page_link(
                    RUN_PAGE,
                    label=escape_name(run.name),
                    icon=":material/monitoring:",
                    query_params={"run": run_id},
                )
                live_view(RUN, run_id, key=f"run_state_{run_id}", look=Look.BRIEF)


def recent_runs() -> None:
    """Shows the latest runs as cards, each with its curve; nothing while there is none."""
    here = context()
    runs = here.store.runs.list(owner=here.actor, archived=False, limit=4)
    if not runs:
        return
    st.subheader(_("Latest runs"))
    with st.grid(4, gap="small"):
        for run in runs:
            with st.container(border=True, height="stretch"):
                best = best_value(run)
                curve = here.store.metrics.epoch_curve(run.id, main_metric(run))
                st.markdown(f"**{escape_name(run.name)}** {show.state_badge(run.state)}")
                st.metric(
                    show.labels()[best[0]] if best else _("Result"),
                    show.metric(*best) if best else "–",
                    chart_data=curve if len(curve) > 1 else None,
                    chart_type="area",
                )
                st.space("stretch")
                st.page_link(
                    RUN_PAGE,
                    label=f"{escape_name(run.dataset)} · {show.time_ago(run.created_at)}",
                    query_params={"run": run.id},
                    icon=":material/monitoring:",
                )
