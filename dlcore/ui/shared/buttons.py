"""Buttons that show nothing but an icon, and still have a name."""

from __future__ import annotations

from typing import Literal

import streamlit as st
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name

_PREFIX = "icon."
LONGEST = 120
"""Characters of a name: it says what is done, and with what."""
_NAMES = """<style>
[class*="st-key-icon-"] button [data-testid="stMarkdownContainer"] {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
[class*="st-key-icon-"] button { min-width: 2rem; justify-content: center; }
</style>"""


def icon_style() -> None:
    """Hides the names of icon buttons from the eye; called once a run, before any of them."""
    # Streamlit hides icons from screen readers and gives a button no other name than its label.
    st.html(_NAMES)


def icon_button(
    name: str,
    icon: str,
    key: str,
    *,
    kind: Literal["primary", "secondary", "tertiary"] = "tertiary",
    disabled: bool = False,
) -> bool:
    """Draws a button that shows an icon; returns whether it was pressed.

    Args:
        name: what it does, for screen readers and in its tooltip.
        icon: the name of a Material symbol.
        key: unique among all icon buttons.
        kind: how much it stands out.
        disabled: it cannot be pressed.
    """
    text = escape_name(name, LONGEST)
    return st.button(
        text, icon=f":material/{icon}:", key=icon_key(key), type=kind, help=text, disabled=disabled
    )


def icon_popover(
    name: str,
    icon: str,
    key: str,
    *,
    kind: Literal["primary", "secondary", "tertiary"] = "tertiary",
    on_change: Literal["ignore", "rerun"] = "ignore",
) -> PopoverContainer:
    """Draws a popover whose button shows an icon alone; returns the container.

    Args:
        name: what it opens, for screen readers and in its tooltip.
        icon: the name of a Material symbol.
        key: of the widget, as `icon_key` makes it.
        kind: how much it stands out.
        on_change: "rerun" if it matters whether it is open.
    """
    return st.popover(name, icon=f":material/{icon}:", key=key, type=kind, help=name, on_change=on_change)


PRESSED = "menu_pressed"
"""The key of the item of a menu that was pressed, until `pressed_item` has told it."""


def menu_item(label: str, icon: str, key: str, *, help: str = "", disabled: bool = False) -> None:
    """Draws an item of a menu; what it does follows once `pressed_item` has told its key.

    Args:
        label: what it does.
        icon: the name of a Material symbol.
        key: unique on the page.
        help: more of it.
        disabled: it cannot be pressed.
    """
    st.button(
        label, icon=f":material/{icon}:", key=key, type="tertiary", help=help, disabled=disabled,
        on_click=st.session_state.update, args=({PRESSED: key},),
    )  # fmt: skip


def icon_item(name: str, icon: str, key: str) -> None:
    """Draws an item of a menu that shows an icon alone.

    Args:
        name: what it does, for screen readers and in its tooltip.
        icon: the name of a Material symbol.
        key: unique on the page.
    """
    text = escape_name(name, LONGEST)
    st.button(
        text, icon=f":material/{icon}:", key=icon_key(key), type="tertiary", help=text,
        on_click=st.session_state.update, args=({PRESSED: key},),
    )  # fmt: skip


def menu(key: str, name: str = "", icon: str = "more_horiz") -> PopoverContainer:
    """Draws the button that opens a menu; returns the container of its items.

    It is closed when one of them is pressed: a dialog would open below it.

    Args:
        key: of the widget; as `icon_key` makes it where the button has no name.
        name: what the button says; by default it is an icon alone.
        icon: the name of a Material symbol.
    """
    if PRESSED in st.session_state:
        st.session_state[key] = False
    if name:
        return st.popover(name, icon=f":material/{icon}:", key=key, on_change="rerun")
    return icon_popover(_("More"), icon, key, kind="secondary", on_change="rerun")


def pressed_item() -> str:
    """Returns the key of the item that was pressed, once; empty if none was."""
    return str(st.session_state.pop(PRESSED, ""))


def icon_key(key: str) -> str:
    """Returns the key of an icon button's widget."""
    return f"{_PREFIX}{key}"
