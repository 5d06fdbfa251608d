"""Search: what varies from trial to trial, what it aims for, and one click to start."""

import streamlit as st

from dlcore.ui.drafts import working
from dlcore.ui.first_trials import first_trials
from dlcore.ui.i18n import _
from dlcore.ui.markdown import plain
from dlcore.ui.search_options import options_form
from dlcore.ui.search_space import space_card
from dlcore.ui.search_start import exchange, problem_of, space_of, start_card
from dlcore.ui.searching import search_mode

draft = working()
problem, space = problem_of(draft), space_of(draft)

st.title(_("Search"), help=_("Many trainings of one experiment, to find the values that do best."))
st.caption(
    _("Draft **{name}** on **{dataset}**").format(name=plain(draft.spec.name), dataset=_(draft.facts.title))
)
search_mode(draft, "search")
left, right = st.columns([6, 5], gap="medium")
with left:
    valid = [space_card(draft)]
    if space is not None:
        valid.append(first_trials(draft, space))
with right:
    place = st.container()
    valid.append(options_form(draft, problem))
with place:
    start_card(draft, space, problem, valid=all(valid))
with st.expander(_("Import and export"), icon=":material/swap_vert:"):
    exchange(draft)
