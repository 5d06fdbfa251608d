"""The button by which somebody reports what they are shown, and its dialog."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue.complaints import complain
from dlcore.records.complaints import GROUNDS, MOST_WORDS, Ground
from dlcore.records.shares import Thing
from dlcore.ui.shared.i18n import _, say
from dlcore.web.context import context

BUTTON = "report"
GROUND, WORDS, SEND = "report_ground", "report_words", "report_send"


def report_button(things: Sequence[Thing], *, key: str = BUTTON) -> None:
    """Shows the button that reports another's things, which are shown to the actor.

    Args:
        things: what it is about; several only where they are shown together.
        key: of the button.
    """
    if things and st.button(
        _("Report this"),
        icon=":material/flag:",
        key=key,
        type="tertiary",
        help=_("Tells whoever runs this site that this should not be shown."),
    ):
        report_dialog(things)


def report_dialog(things: Sequence[Thing]) -> None:
    """Opens the dialog in which things are reported; see `report_button`."""
    st.dialog(_("Report this"), icon=":material/flag:")(_dialog)(tuple(things))


def _dialog(things: tuple[Thing, ...]) -> None:
    st.radio(
        _("What is wrong with it?"),
        [one.value for one in Ground],
        format_func=lambda name: _(GROUNDS[Ground(name)]),
        key=GROUND,
    )
    st.text_area(_("More about it (optional)"), key=WORDS, max_chars=MOST_WORDS, height=96)
    st.caption(_("Whoever runs this site reads it. Of you, they see only the id that you have here."))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(_("Cancel"), key="report_not"):
            st.rerun()
        sent = st.button(_("Send"), icon=":material/send:", key=SEND, type="primary")
    if not sent:
        return
    here = context()
    try:
        for thing in things:
            complain(
                here.store,
                thing,
                Ground(st.session_state[GROUND]),
                str(st.session_state[WORDS]),
                actor=here.actor,
            )
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.toast(_("Thank you. It was reported."), icon=":material/flag:")
    st.rerun()
