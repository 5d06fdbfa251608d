"""Several searches side by side."""

import streamlit as st

from dlcore.ui.shared.i18n import _
from dlcore.ui.studies.comparison import comparison

st.title(_("Compare searches"), anchor=False)
comparison()
