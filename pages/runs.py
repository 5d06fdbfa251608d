"""Runs: all of them, newest first."""

import streamlit as st

from dlcore.ui.i18n import _
from dlcore.ui.runs import filters, runs_table

st.title(_("Runs"), help=_("Every training that was ever started here, until it is deleted."))
runs_table(filters())
