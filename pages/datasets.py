"""Data: your own and what comes along, each with the button that begins an experiment."""

import streamlit as st

from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import UPLOAD_PAGE
from dlcore.ui.upload.gallery import gallery

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title(_("Data"), anchor=False, width="content", help=_("What networks learn from."))
    st.page_link(UPLOAD_PAGE, label=_("Add your own data"), icon=":material/upload_file:", width="content")
gallery()
