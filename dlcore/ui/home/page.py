"""The first page: how to get to a trained network, step by step or with one click."""

from __future__ import annotations

import streamlit as st

from dlcore.datasets import CATALOGUE
from dlcore.errors import DlcoreError
from dlcore.queue.ready import READY, ReadyExperiment
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.launch import launch
from dlcore.ui.shared.links import BUILD_PAGE, DATA_PAGE, RUNS_PAGE, TRAIN_PAGE
from dlcore.web.context import context

FIRST = "digits-cnn"
"""The experiment of the large button."""
ICONS = {
    "mnist-cnn": "image",
    "language-of-words": "translate",
    "instruments": "graphic_eq",
    "tumours": "table",
}


def first_step() -> None:
    """Shows the button that trains the first example, and the link to your own first steps."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            _("Train the example now"),
            type="primary",
            icon=":material/play_arrow:",
            help=_("A small CNN on 8 × 8 digits: done in under a minute, no download."),
            key="example",
        ):
            _start(READY[FIRST])
        st.page_link(DATA_PAGE, label=_("Start your own"), icon=":material/arrow_forward:")


def steps() -> None:
    """Shows the way from data to a result; each step leads to its page."""
    found = [
        (DATA_PAGE, "database", _("1 · Data"), _("Look at the images, the balance of the classes, the pixels.")),
        (BUILD_PAGE, "account_tree", _("2 · Build"), _("Arrange layers; shapes and parameters update "
                                                        "immediately.")),
        (TRAIN_PAGE, "model_training", _("3 · Train"), _("Choose optimizer and schedule; see time and memory first.")),
        (RUNS_PAGE, "monitoring", _("4 · Runs"), _("Live curves, stop and resume, and what the network gets wrong.")),
    ]  # fmt: skip
    with st.grid(4, gap="small"):
        for page, icon, title, text in found:
            with st.container(border=True, height="stretch"):
                st.page_link(page, label=f"**{title}**", icon=f":material/{icon}:")
                st.caption(text)


def ready_experiments() -> None:
    """Cards of experiments that come along, each with the button that trains it."""
    st.subheader(_("Ready to train"), help=_("Real data or computed ones, each done in about a minute."))
    with st.grid(4, gap="small"):
        for name, icon in ICONS.items():
            _card(READY[name], icon)


def _card(ready: ReadyExperiment, icon: str) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f":material/{icon}: **{_(ready.title)}**")
        st.caption(_(ready.summary))
        if ready.needs_download(context().settings):
            size = show.size(CATALOGUE.get(ready.dataset).facts.download_bytes)
            words = _("{size} are downloaded first: it needs a network.").format(size=size)
            st.caption(f":material/download: {words}")
        st.space("stretch")  # so that the buttons of a row are side by side
        if st.button(
            _("Train"),
            icon=":material/play_arrow:",
            key=f"ready_{ready.name}",
            help=_("It goes to the end of the queue and runs in the background."),
        ):
            _start(ready)


def _start(ready: ReadyExperiment) -> None:
    here = context()
    try:
        with st.spinner(_("Preparing the data…")):
            spec = ready.prepared(here.settings, owner=here.actor)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    launch(spec)
