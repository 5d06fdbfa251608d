"""Search: what varies from trial to trial, what it aims for, and one click to start."""

import streamlit as st

from dlcore.ui.experiments.draft import Step, experiment_head, start_card
from dlcore.ui.forms.search_mode import is_searching
from dlcore.ui.search.first_trials import first_trials
from dlcore.ui.search.options import options_form
from dlcore.ui.search.space import space_card
from dlcore.ui.search.start import exchange, problem_of, space_of
from dlcore.ui.shared.drafts import working_draft
from dlcore.ui.shared.i18n import _

draft = working_draft()
problem, space = problem_of(draft), space_of(draft)

experiment_head(draft, Step.SEARCH)
left, right = st.columns([6, 5], gap="medium")
with left:
    if not is_searching(draft):
        st.info(
            _("This experiment is a single run. Choose what varies, and it becomes a search of many trials."),
            icon=":material/info:",
        )
    valid = [space_card(draft)]
    if space is not None:
        valid.append(first_trials(draft, space))
    valid.append(options_form(draft, problem))
with right:
    start_card(draft, Step.SEARCH, valid=all(valid))
with st.expander(_("Import and export"), icon=":material/swap_vert:"):
    exchange(draft)
