"""Links in tables, which open in the same tab."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import streamlit as st

from dlcore.ui.components.scripts import nothing, script

_component = st.components.v2.component("table_links", js=script("table_links.js"), isolate_styles=False)


def table_links(pages: Mapping[str, str]) -> None:
    """Opens the page of a link that was clicked in a table.

    Args:
        pages: the paths of the pages, by their names in addresses.
    """
    found = _component(key="table_links", data={"pages": list(pages)}, on_followed_change=nothing)
    followed = found.followed
    if isinstance(followed, Mapping) and followed.get("page") in pages:
        query = dict(parse_qsl(str(followed.get("query", ""))))
        st.switch_page(pages[str(followed["page"])], query_params=query)
