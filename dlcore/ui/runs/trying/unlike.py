"""Whether what is given is like the samples that the model was trained on."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue.familiarity import find_familiarity, request_familiarity
from dlcore.records import Run
from dlcore.records.unlike import Unlikeness
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.ui.shared.sharing import sees_all
from dlcore.web.context import context


def show_unlike(found: Unlikeness) -> None:
    """Says whether a sample is unlike those of the training, with the scores that say so."""
    told = _("Distance from the nearest class {distance}, usual up to {most}.").format(
        distance=f"{found.distance:.3g}", most=f"{found.most_distance:.3g}"
    )
    if found.energy is not None and found.most_energy is not None:
        told += " " + _("Energy {energy}, usual up to {most}.").format(
            energy=f"{found.energy:.3g}", most=f"{found.most_energy:.3g}"
        )
    told += " " + _("Of the validation part, 5 in 100 samples are called unlike.")
    if found.is_unlike:
        title = _("Unlike most of what it was trained on: take the answer with care")
        st.badge(title, icon=":material/warning:", color="orange")
    else:
        st.badge(_("Like what it was trained on"), icon=":material/check:", color="green")
    st.caption(told)


def learn_what_is_usual(run: Run) -> None:
    """Offers to learn what is usual to the model of a run, and shows how far that is."""
    here = context()
    if not sees_all(run):
        return
    try:
        job = find_familiarity(here.store, run, owner=here.actor.id)
        if job is None:
            asked = st.empty()
            if not asked.button(
                _("Learn what is usual"),
                icon=":material/psychology_alt:",
                key=f"familiarity.{run.id}",
                help=_("Then a sample that is unlike those of the training is told apart."),
            ):
                return
            asked.empty()
            job = request_familiarity(here.store, run, owner=here.actor.id)

        def again() -> None:
            request_familiarity(here.store, run, owner=here.actor.id, again=True)

        title, key = _("Learning what is usual"), f"familiarity_again.{run.id}"
        if show_until_done(wait_briefly(job), title, again, key=key, border=False):
            st.caption(_("What is usual is known now: it is said of the next sample."))
    except DlcoreError as error:
        st.caption(say(error))
