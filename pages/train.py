"""Train: how the model is trained, what that will cost, and one click to start."""

import streamlit as st

from dlcore.ui.forms.search_mode import search_mode
from dlcore.ui.shared.draft_bar import draft_bar
from dlcore.ui.shared.drafts import working_draft
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.layout import beside
from dlcore.ui.train.fine_tuning import fine_tuning_card
from dlcore.ui.train.launch import launch_card
from dlcore.ui.train.page import seed_form, training_form

draft = working_draft()

st.title(_("Train"), help=_("The defaults give a good run; change what you want to try."))
draft_bar(draft)
search_mode(draft, "train")
left, right = st.columns([6, 5], gap="medium")
with left:
    forms = [fine_tuning_card(draft), training_form(draft), seed_form(draft)]
with right, beside():
    launch_card(draft, valid=all(forms))
