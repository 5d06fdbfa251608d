"""One run: how it goes, its curves, what it gets wrong, its log and its settings."""

import streamlit as st

from dlcore.ui.runs.evaluation import evaluation
from dlcore.ui.runs.lineage import lineage
from dlcore.ui.runs.page import chosen_run, controls, curves, log, machine, progress, settings
from dlcore.ui.shared.i18n import _

run = chosen_run()

progress(run)
controls(run)
lineage(run)
tabs = {
    _("Curves"): curves,
    _("Evaluation"): evaluation,
    _("Log"): log,
    _("Machine"): machine,
    _("Settings"): settings,
}
for tab, content in zip(st.tabs(list(tabs), key="view", on_change="rerun"), tabs.values(), strict=True):
    if tab.open:
        with tab:
            content(run)
