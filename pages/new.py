"""New experiment: what this is, one click to a trained network, and the ways to one of your own."""

import streamlit as st

from dlcore.ui.home.page import first_step, ready_experiments
from dlcore.ui.shared.i18n import _

st.title(_("Train a neural network, see it learn"), anchor=False)
st.markdown(
    _(
        "Pick a dataset, stack layers, press **Train**: the network learns in the background.\n\n"
        "Watch its curves live, stop and resume it, and see where it errs.\n\n"
        "Everything stays on this computer; a reload or a restart loses nothing."
    )
)
first_step()
ready_experiments()
