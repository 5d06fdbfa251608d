"""The beginning of every page: who is here, and that nobody goes on where somebody else has left."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import PermissionDeniedError
from dlcore.ui.shared.i18n import say
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
