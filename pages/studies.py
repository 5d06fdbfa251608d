"""Studies: all searches, newest first, and several beside each other."""

import streamlit as st

from dlcore.ui.i18n import _
from dlcore.ui.studies import filters, studies_table
from dlcore.ui.studies_compare import comparison

st.title(_("Studies"), help=_("Every search for good parameters, until it is deleted."))
studies_table(filters())
comparison()
