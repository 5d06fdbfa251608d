"""The state in a page's address: which view is open, so that a reload or a link opens the same one.

Streamlit's own `bind="query-params"` would put the label into the address, which is another one in each language.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def tabs(labels: Mapping[str, str], *, key: str) -> Mapping[str, DeltaGenerator]:
    """Draws tabs of which the open one stands in the address, unless it is the first.

    Args:
        labels: what each tab is called in the reader's language, by its name in the address.
        key: of the widget, and of the parameter in the address.

    Returns:
        The open tab by its name, to be filled; the others stay empty.
    """
    names = {label: name for name, label in labels.items()}
    if st.session_state.get(key) not in names:
        st.session_state[key] = labels.get(st.query_params.get(key, ""), next(iter(names)))
    found = st.tabs(list(names), key=key, on_change="rerun")
    tell(key, names[st.session_state[key]], first=next(iter(labels)))
    return {name: tab for name, tab in zip(labels, found, strict=True) if tab.open}


def begin(key: str, names: Mapping[str, object]) -> None:
    """Sets the initial value of a widget from the address, if that is one of the names it offers."""
    asked_for = st.query_params.get(key)
    if key not in st.session_state and asked_for in names:
        st.session_state[key] = asked_for


def tell(key: str, name: str, *, first: str) -> None:
    """Writes a name to the address; the first one, which is the default, is left out."""
    if name == first:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != name:
        st.query_params[key] = name
