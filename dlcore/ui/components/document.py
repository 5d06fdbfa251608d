"""The document around the pages: the language it says it is in, and the choice it remembers."""

from __future__ import annotations

import streamlit as st

from dlcore.ui.components.scripts import script

_component = st.components.v2.component("document", js=script("document.js"), isolate_styles=False)


def document(*, language: str, cookie: str = "") -> None:
    """Tells the browser, and whoever reads the page aloud, which language it is in.

    Args:
        language: its tag, such as `zh-CN`.
        cookie: `name=value` to be kept for a year; empty: none.
    """
    _component(key="document", data={"language": language, "cookie": cookie})
