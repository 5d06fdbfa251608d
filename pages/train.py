"""Training: how the network is trained, what that will cost, and one click to start."""

import streamlit as st

from dlcore.ui.experiments.draft import Step, experiment_head, start_card
from dlcore.ui.shared.drafts import working_draft
from dlcore.ui.train.fine_tuning import fine_tuning_card
from dlcore.ui.train.page import seed_form, training_form

draft = working_draft()

experiment_head(draft, Step.TRAINING)
left, right = st.columns([6, 5], gap="medium")
with left:
    forms = [fine_tuning_card(draft), training_form(draft), seed_form(draft)]
with right:
    start_card(draft, Step.TRAINING, valid=all(forms))
