"""The parts of the page in their order: what is surest first."""

from __future__ import annotations

import streamlit as st

from dlcore.ui.components.live_view import live_view
from dlcore.ui.runs.comparison.choice import compared_runs
from dlcore.ui.runs.comparison.curves import curves
from dlcore.ui.runs.comparison.mistakes import mistakes
from dlcore.ui.runs.comparison.numbers import numbers
from dlcore.ui.runs.comparison.relations import parallel, scatter
from dlcore.ui.runs.comparison.settings import networks, settings
from dlcore.ui.runs.view import COUNT, RUNS


def comparison_page() -> None:
    """Draws the page."""
    chosen = compared_runs()
    # Those that have ended may be deleted in another tab.
    live_view(COUNT if all(run.state.final for run in chosen.runs) else RUNS, "", key="runs_state")
    left, right = st.columns([58, 42], gap="small")
    with left:
        curves(chosen)
    with right:
        with st.container(border=True):
            numbers(chosen)
        with st.container(border=True):
            settings(chosen)
    with st.container(border=True):
        networks(chosen)
    if len(chosen.runs) > 1:
        with st.grid(2, min_column_width=420, gap="small"):
            with st.container(border=True):
                scatter(chosen)
            with st.container(border=True):
                parallel(chosen)
    mistakes(chosen)
