"""Models: those that are kept under a name, and what runs have left, to try and to take away."""

import streamlit as st

from dlcore.ui.runs.filter_line import filter_line, read_line
from dlcore.ui.runs.keeping import registered_models
from dlcore.ui.runs.model_list import model_list
from dlcore.ui.shared.i18n import _

with st.container(horizontal=True, vertical_alignment="center"):
    st.title(
        _("Models"),
        help=_("The trained network of each run, until the run is deleted; those you keep have a name."),
        anchor=False,
        width="content",
    )
registered_models()
with st.container(horizontal=True, vertical_alignment="bottom"):
    line = filter_line()
asked = read_line(line)
if asked is not None:
    model_list(asked)
