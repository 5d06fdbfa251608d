"""What a button asks for, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.ui.shared.i18n import say
from dlcore.ui.shared.worker import wake_worker


def attempt(action: Callable[[], object]) -> None:
    """Asks for something and shows the page anew; a problem is shown where the button is."""
    try:
        action()
        wake_worker()
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.rerun()
