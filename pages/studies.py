"""Studies: all searches, newest first, and a comparison of several."""

import streamlit as st

from dlcore.ui.shared.i18n import _
from dlcore.ui.studies.comparison import comparison
from dlcore.ui.studies.table import filters, studies_at_work, studies_table

st.title(_("Studies"), help=_("Every search for good hyperparameters, until it is deleted."))
search, mine, archived = filters()
studies_at_work(mine)
studies_table((search, mine, archived))
comparison()
