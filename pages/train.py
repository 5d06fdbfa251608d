"""Train: how the model shall learn, what that will cost, and one click to start."""

import streamlit as st

from dlcore.ui.drafts import working
from dlcore.ui.fine_tuning import fine_tuning_card
from dlcore.ui.i18n import _
from dlcore.ui.launch import launch_card
from dlcore.ui.searching import search_mode
from dlcore.ui.training import seed_form, training_form

draft = working()

st.title(_("Train"), help=_("The defaults give a good run; change what you want to try."))
search_mode(draft, "train")
left, right = st.columns([6, 5], gap="medium")
with left:
    forms = [fine_tuning_card(draft), training_form(draft), seed_form(draft)]
with right:
    launch_card(draft, valid=all(forms))
