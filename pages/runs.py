"""Runs: all of them, newest first, or those that a filter lets through."""

import streamlit as st

from dlcore.ui.runs.cards import runs_at_work
from dlcore.ui.runs.importing import import_run
from dlcore.ui.runs.table import runs_table
from dlcore.ui.shared.i18n import _

st.title(_("Runs"), help=_("Every training started here, until it is deleted."))
import_run()
runs_at_work()
runs_table()
