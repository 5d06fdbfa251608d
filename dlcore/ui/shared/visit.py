"""The beginning of every page: who is here, what a demo is, and that nobody goes on where somebody else has left."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import PermissionDeniedError
from dlcore.settings import Mode
from dlcore.ui.shared.i18n import _, say
from dlcore.web.context import context

ACTOR = "visit.actor"


def begin_visit() -> None:
    """Ends the page if the visit was ended; forgets what another visitor has left in this session.

    Streamlit gives a session whose connection broke to whoever names its id.
    """
    try:
        actor = context().actor
    except PermissionDeniedError as error:
        st.warning(say(error), icon=":material/logout:")
        st.stop()
    if st.session_state.setdefault(ACTOR, actor.id) != actor.id:
        st.session_state.clear()
        st.session_state[ACTOR] = actor.id


def demo_menu() -> None:
    """Shows in the sidebar of a demo what that is; nothing elsewhere."""
    if context().settings.mode is Mode.DEMO:
        with st.popover(_("About this demo"), icon=":material/info:", type="tertiary"):
            st.markdown(about_demo())


def about_demo() -> str:
    """Returns what a demo is, and what becomes of what somebody makes in it."""
    return _(
        "**This is a demo**, open to everyone without signing in. What you make here is yours: no other visitor "
        "can see it unless you share it. Only this browser finds it again, by a cookie that lasts 30 days after your last "
        "visit. "
        "Whoever runs this demo can see it, too, and may delete it at any time: do not upload anything "
        "confidential, and download what you want to keep."
    )
