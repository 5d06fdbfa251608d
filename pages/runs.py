"""Experiments: drafts, runs and searches in one table."""

import streamlit as st

from dlcore.ui.components.live_view import live_view
from dlcore.ui.experiments.cards import experiments_at_work
from dlcore.ui.experiments.table import experiments_table
from dlcore.ui.experiments.view import EXPERIMENTS
from dlcore.ui.runs.importing import import_run
from dlcore.ui.shared.i18n import _

with st.container(horizontal=True, vertical_alignment="center"):
    st.title(
        _("Experiments"),
        help=_("All that you have begun, until it is deleted."),
        anchor=False,
        width="content",
    )
    live_view(EXPERIMENTS, "", key="experiments_state")
    import_run()
experiments_at_work()
experiments_table()
