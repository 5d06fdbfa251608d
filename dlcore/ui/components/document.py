"""The document around the pages: the language it says it is in, the choice it remembers, and its history."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

# Sent along, not fetched like the other scripts: it guards the history from the page's first steps on.
_component = st.components.v2.component(
    "document", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"), isolate_styles=False
)


def document(*, language: str, cookie: str = "") -> None:
    """Tells the browser, and whoever reads the page aloud, which language it is in.

    Args:
        language: its tag, such as `zh-CN`.
        cookie: `name=value` to be kept for a year; empty: none.
    """
    _component(key="document", data={"language": language, "cookie": cookie})
