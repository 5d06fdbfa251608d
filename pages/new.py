"""New experiment: what this is, one click to a trained network, and the ways to one of your own."""

import streamlit as st

from dlcore.ui.home.page import first_step, introduction, ready_experiments
from dlcore.ui.runs.gallery import first_replay
from dlcore.ui.shared.i18n import _

st.title(_("Train a neural network, see it learn"), anchor=False)
introduction()
first_step()
first_replay()
ready_experiments()
