"""Data: pick a dataset, look at it, and say how it is divided."""

import streamlit as st

from dlcore.ui.data import balance, choose, facts_card, pixels, samples, split_form
from dlcore.ui.drafts import working
from dlcore.ui.i18n import _

draft = working()

st.title(_("Data"), help=_("What the network learns from."))
choose(draft)
left, right = st.columns([5, 6], gap="medium")
with left:
    ready = facts_card(draft)
with right:
    split_form(draft)
if ready:
    tab_samples, tab_balance, tab_pixels = st.tabs(
        [_("Samples"), _("Class balance"), _("Pixels")], key="view", on_change="rerun"
    )
    if tab_samples.open:
        with tab_samples:
            samples(draft)
    if tab_balance.open:
        with tab_balance:
            balance(draft)
    if tab_pixels.open:
        with tab_pixels:
            pixels(draft)

st.page_link("../../pages/build.py", label=_("Next: build the model"), icon=":material/arrow_forward:")
