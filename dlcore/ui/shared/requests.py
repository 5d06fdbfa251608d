"""Running the action of a button, and showing its errors."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.ui.shared.i18n import say
from dlcore.ui.shared.worker import wake_worker


def attempt(action: Callable[[], object]) -> None:
    """Runs an action and the page again; shows a problem next to the button."""
    try:
        action()
        wake_worker()
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.rerun()
