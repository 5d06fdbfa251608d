"""What a page does when its server is back."""

from __future__ import annotations

import streamlit as st

from dlcore.ui.components.scripts import nothing, script

_component = st.components.v2.component("reconnect", js=script("reconnect.js"), isolate_styles=False)


def reconnect() -> None:
    """Runs the page's script when its server is back: one that was started again knows no fragment of the page.

    What is clicked in a fragment that the server does not know, Streamlit drops without a word; so the page takes no
    clicks until its script has run.
    """
    _component(key="reconnect", on_back_change=nothing)
