"""One study: its progress, its figures beside its trials, and its controls."""

import streamlit as st

from dlcore.ui.studies.figure_card import figures
from dlcore.ui.studies.page import chosen_study, head, settings
from dlcore.ui.studies.trial_table import trials_table

study = chosen_study()

head(study)
with st.grid(2, min_column_width=480, gap="medium"):
    with st.container():
        figures(study.id)
    with st.container():
        trials_table(study)
settings(study)
