"""A new experiment: one that comes along, with one click, or one of your own."""

from __future__ import annotations

import streamlit as st

from dlcore.access.actors import Role
from dlcore.datasets import CATALOGUE
from dlcore.queue.ready import READY, ReadyExperiment
from dlcore.settings import Mode
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.launch import launch_ready
from dlcore.ui.shared.lesson import LESSON
from dlcore.ui.shared.links import DATASETS_PAGE, LEARN_PAGE, NEW_PAGE, RUNS_PAGE
from dlcore.ui.shared.visit import about_demo
from dlcore.web.context import context

FIRST = "digits-cnn"
"""The experiment of the large button."""
FIRST_LESSON = "first-cnn"
ICONS = {
    "mnist-cnn": "image",
    "language-of-words": "translate",
    "instruments": "graphic_eq",
    "tumours": "table",
}


def lead_on() -> None:
    """Shows the page that one begins with: the experiments, or a new one while there are none."""
    here = context()
    st.switch_page(RUNS_PAGE if here.store.experiments.any(owner=here.actor.id) else NEW_PAGE)


def introduction() -> None:
    """Says what can be done here, and what becomes of it."""
    if context().settings.mode is Mode.LOCAL:
        st.markdown(
            _(
                "Pick a dataset, stack layers, press **Train**: the network learns in the background.\n\n"
                "Watch its curves live, stop and resume it, and see where it errs.\n\n"
                "Everything stays on this computer; a reload or a restart loses nothing."
            )
        )
        return
    st.markdown(
        _(
            "Pick a dataset, stack layers, press **Train**: the network learns in the background.\n\n"
            "Watch its curves live, stop and resume it, and see where it errs."
        )
    )
    if context().actor.role is Role.VISITOR:
        st.info(about_demo(), icon=":material/info:")


def first_step() -> None:
    """Shows the button that trains the first example, and the link to the data for one of your own."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            _("Train the example now"),
            type="primary",
            icon=":material/play_arrow:",
            help=_("A small CNN on 8 × 8 digits: done in under a minute, no download."),
            key="example",
        ):
            launch_ready(READY[FIRST])
        st.page_link(DATASETS_PAGE, label=_("Start your own"), icon=":material/arrow_forward:")
        st.page_link(
            LEARN_PAGE,
            label=_("Take the guided lesson"),
            icon=":material/school:",
            query_params={LESSON: FIRST_LESSON},
            help=_("From raw pictures to a tuned network, step by step, in 15 minutes."),
        )


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
            help=_("It waits for its turn and runs in the background."),
        ):
            launch_ready(ready)
