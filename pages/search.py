"""Search: what varies from trial to trial, what it aims for, and one click to start."""

import streamlit as st

from dlcore.ui.forms.search_mode import search_mode
from dlcore.ui.search.first_trials import first_trials
from dlcore.ui.search.options import options_form
from dlcore.ui.search.space import space_card
from dlcore.ui.search.start import exchange, problem_of, space_of, start_card
from dlcore.ui.shared.draft_bar import draft_bar
from dlcore.ui.shared.drafts import working_draft
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.layout import beside

draft = working_draft()
problem, space = problem_of(draft), space_of(draft)

st.title(_("Search"), help=_("Many trainings of one experiment, to find the values that do best."))
draft_bar(draft)
search_mode(draft, "search")
left, right = st.columns([6, 5], gap="medium")
with left:
    valid = [space_card(draft)]
    if space is not None:
        valid.append(first_trials(draft, space))
    valid.append(options_form(draft, problem))
with right, beside():
    start_card(draft, space, problem, valid=all(valid))
with st.expander(_("Import and export"), icon=":material/swap_vert:"):
    exchange(draft)
