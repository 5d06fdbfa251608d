"""The state in a page's address: which view is open, so that a reload or a link opens the same one.

Streamlit's own `bind="query-params"` would put the label into the address, which is another one in each language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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


def open_tab(key: str, name: str) -> None:
    """Opens a tab of `tabs`; called before they are drawn, as from the callback of a button.

    Args:
        key: of the tabs.
        name: of the tab in the address.
    """
    st.session_state.pop(key, None)
    st.query_params[key] = name


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


def asked_number(key: str) -> int | None:
    """Returns the number that the address names; None where it names none that any row or place could have.

    Args:
        key: the parameter.
    """
    text = st.query_params.get(key, "")
    # Other digits, as in ², are digits to Python, too, but no numbers.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def choose_several(
    label: str, parameter: str, options: Sequence[str], *, usual: Sequence[str] = (), **widget: Any
) -> list[str]:
    """Draws the choice of several names, which the address holds unless they are the usual ones.

    Args:
        label: of the widget.
        parameter: of the address.
        options: what is offered; what the address names has to be among it.
        usual: what is chosen where the address names nothing.
        **widget: further arguments of `st.multiselect`.

    Returns:
        What is chosen; what is usual if that is nothing.
    """
    key, began = f"several.{parameter}", f"several.{parameter}.began"
    known = [name for name in st.query_params.get(parameter, "").split(",") if name in options]
    begin = known or list(usual)
    # Whatever else changes the address, a link or the way back, changes what is chosen, too.
    if st.session_state.get(began) != begin:
        st.session_state[key] = begin
    st.session_state[key] = [name for name in st.session_state.get(key, begin) if name in options]
    chosen = list(st.multiselect(label, list(options), key=key, **widget))
    if chosen and chosen != list(usual):
        st.query_params[parameter] = ",".join(chosen)
    else:
        st.query_params.pop(parameter, None)
    st.session_state[began] = chosen or list(usual)
    return chosen or list(usual)


def switch(label: str, parameter: str, **widget: Any) -> bool:
    """Draws a switch that is in the address while it is on; returns whether it is.

    Args:
        label: of the widget.
        parameter: of the address.
        **widget: further arguments of `st.toggle`.
    """
    return bool(st.toggle(label, key=parameter, bind="query-params", **widget))
