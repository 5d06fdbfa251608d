"""Gallery: the runs that everybody may look at."""

import streamlit as st

from dlcore.ui.runs.gallery import gallery
from dlcore.ui.shared.i18n import _

st.title(_("Gallery"), anchor=False)
gallery()
