"""The first page: what this is, one click to a trained network, and the latest runs."""

import streamlit as st

from dlcore.queue.ready import example
from dlcore.ui.runs.table import recent_runs
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import DATA_PAGE
from dlcore.ui.train.launch import launch

st.title(_("Train a neural network, see it learn"))
st.markdown(
    _(
        "Pick a dataset, stack layers, press **Train**: the network learns in the background.\n\n"
        "Watch its curves live, stop and resume it, and see where it errs.\n\n"
        "Everything stays on this computer; a reload or a restart loses nothing."
    )
)
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button(
        _("Train the example now"),
        type="primary",
        icon=":material/play_arrow:",
        help=_("A small CNN on 8 × 8 digits: done in under a minute, no download."),
        key="example",
    ):
        launch(example())
    st.page_link(DATA_PAGE, label=_("Start your own"), icon=":material/arrow_forward:")

STEPS = [
    ("database", _("1 · Data"), _("Look at the images, the balance of the classes, the pixels.")),
    ("account_tree", _("2 · Build"), _("Put layers in order; shapes and parameters follow at once.")),
    ("model_training", _("3 · Train"), _("Choose optimizer and schedule; see time and memory first.")),
    ("monitoring", _("4 · Runs"), _("Live curves, stop and resume, and what the network gets wrong.")),
]
with st.grid(4, gap="small"):
    for icon, title, text in STEPS:
        with st.container(border=True, height="stretch"):
            st.markdown(f":material/{icon}: **{title}**")
            st.caption(text)

recent_runs()
