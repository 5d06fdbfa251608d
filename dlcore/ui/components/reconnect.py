"""What a page does when its server is back."""

from __future__ import annotations

import streamlit as st

from dlcore.ui.components.scripts import nothing, script
from dlcore.ui.shared.i18n import _

# Beyond Streamlit's own dialogs and header.
_component = st.components.v2.component(
    "reconnect",
    css="""
.dl-away { position: fixed; z-index: 1000100; left: 50%; bottom: 1.25rem; transform: translateX(-50%); box-sizing: border-box;
  width: max-content; max-width: min(40rem, 100vw - 2rem); padding: .6rem 1rem; border-radius: .5rem;
  font-size: .9375rem; line-height: 1.45; box-shadow: 0 4px 16px rgb(0 0 0 / 25%); }
""",
    js=script("reconnect.js"),
    isolate_styles=False,
)


def reconnect() -> None:
    """Says that the server is away, and runs the page's script when it is back: one that was started again knows no
    fragment of the page.

    What is clicked in a fragment that the server does not know, Streamlit drops without a word; so the page takes no
    clicks until its script has run.
    """
    data = {
        "restart": _(
            "The server is being restarted. This page comes back by itself, and whatever is training goes on afterwards."
        ),
        "away": _("There is no connection to the server. This page comes back by itself once there is one."),
    }
    _component(key="reconnect", data=data, on_back_change=nothing)
