"""Runs: all of them, newest first."""

import streamlit as st

from dlcore.ui.runs.table import filters, runs_at_work, runs_table
from dlcore.ui.shared.i18n import _

st.title(_("Runs"), help=_("Every training started here, until it is deleted."))
runs_at_work()
runs_table(filters())
