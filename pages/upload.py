"""Bring your own data: a file is uploaded, inspected, corrected, and stored."""

import streamlit as st

from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import DATASETS_PAGE
from dlcore.ui.upload.correction import correction_form
from dlcore.ui.upload.progress import follow_ingestion, followed_ingestion, store_button
from dlcore.ui.upload.source import chosen_source

st.title(_("Upload your own data"), help=_("Nothing is stored before you have seen what it is."))
ingestion = followed_ingestion()
if ingestion is not None:
    follow_ingestion(ingestion)
else:
    source = chosen_source()
    if source is not None:
        corrected = correction_form(source)
        if corrected is not None:
            store_button(source, corrected)
st.page_link(DATASETS_PAGE, label=_("All datasets"), icon=":material/database:")
