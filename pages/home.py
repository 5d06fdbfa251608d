"""The first page: what this is, one click to a trained network, and the latest runs."""

import streamlit as st

from dlcore.ui.home.page import first_step, ready_experiments, steps
from dlcore.ui.runs.cards import recent_runs
from dlcore.ui.shared.draft_bar import draft_cards
from dlcore.ui.shared.i18n import _

st.title(_("Train a neural network, see it learn"))
st.markdown(
    _(
        "Pick a dataset, stack layers, press **Train**: the network learns in the background.\n\n"
        "Watch its curves live, stop and resume it, and see where it errs.\n\n"
        "Everything stays on this computer; a reload or a restart loses nothing."
    )
)
first_step()
steps()
ready_experiments()
draft_cards()
recent_runs()
